"""What the kit does not derive: queries and computed fields."""
