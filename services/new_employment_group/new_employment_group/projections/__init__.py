"""Numbers over what this service stores, and what it keeps of others' records."""
