"""The points service: what residents earn for taking part, and what they get for it."""
