"""Subscriptions: Kafka topics as streams of answered queries, over GraphQL-SSE and graphql-transport-ws."""
