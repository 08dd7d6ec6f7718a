"""Read models and figures of the organization service."""
