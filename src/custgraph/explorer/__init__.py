"""GraphiQL, self-hosted."""
