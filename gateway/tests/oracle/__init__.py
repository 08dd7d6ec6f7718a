"""The random oracle: made-up federations, data and operations, and one schema that knows everything to compare with."""
