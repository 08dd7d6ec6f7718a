"""What a service promises to those who read its events: schemas and samples, made from the event classes."""
