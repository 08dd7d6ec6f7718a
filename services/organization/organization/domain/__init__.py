"""Aggregates, events and rules; pure."""
