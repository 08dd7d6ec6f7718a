"""The pure domain: aggregates, events, errors. No I/O."""
