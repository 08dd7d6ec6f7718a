"""The event contract: what subscribers are promised, and the files that say so, from the event classes."""
