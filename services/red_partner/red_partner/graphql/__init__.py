"""Queries and fields beyond those derived from the domain."""
