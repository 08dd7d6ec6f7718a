"""Figures over this service's records."""
