"""The test kit: real broker and database, signed tokens, fixtures (`pytest_plugins = ["govkit.testing.plugin"]`)."""
