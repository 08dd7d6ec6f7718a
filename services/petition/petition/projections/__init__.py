"""Read models and figures."""
