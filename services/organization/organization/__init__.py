"""The organization service: who governs where. Communities, areas, Party organizations, people in posts, powers, venues, property."""
