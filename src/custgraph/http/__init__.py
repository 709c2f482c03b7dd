"""The edge: GraphQL over HTTP. Knows nothing of customers."""
