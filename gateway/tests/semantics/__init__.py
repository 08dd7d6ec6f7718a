"""The semantics that gateways get wrong, each over a federation of its own: data, errors, and how many requests."""
