"""The organization service: who governs where. Communities, Party organizations, posts, powers, venues, property."""
