"""What guards an operation: which documents, who asks, how large, how costly, and what its caller may see."""
