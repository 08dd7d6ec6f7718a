"""Figures and checks over the stored data."""
