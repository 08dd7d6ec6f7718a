"""Read models and figures of the grid service."""
