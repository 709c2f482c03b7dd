"""A v1 Customers service on SQLite; imports nothing of custgraph."""
