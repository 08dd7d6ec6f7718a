"""A GraphQL Federation 2 router: plans and executes operations over a composed supergraph."""
