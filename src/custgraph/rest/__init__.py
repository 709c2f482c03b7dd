"""The upstream leg: the Customers API v1 over HTTP."""
