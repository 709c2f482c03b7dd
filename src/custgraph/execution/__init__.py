"""Parse, validate, limit, plan, run: knows GraphQL and nothing of customers."""
