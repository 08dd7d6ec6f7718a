"""The six services behind other Federation 2 routers: the same questions, the same answers."""
