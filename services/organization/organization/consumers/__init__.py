"""What this service does when others' events arrive."""

from govkit.bus.inbox import Consumer

CONSUMERS: list[Consumer] = []
