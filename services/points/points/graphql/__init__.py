"""What the kit does not derive: queries by hand and computed fields."""
