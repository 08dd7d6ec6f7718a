"""The red-partner service: partners that support their communities, and the events that they hold together."""
