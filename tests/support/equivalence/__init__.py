"""Holds compiled plans against graphql-core: random documents, on an upstream whose answers depend on the question."""
