"""The steps between which a process can die: where the proof of reliability kills it.

    reached(Step.RELAY_ACKNOWLEDGED)

Does nothing unless a test process has installed an observer; no setting of a production process installs one.
"""

from collections.abc import Callable
from enum import Enum


class Step(Enum):
    """Each step by name, with the state of the world in which it is reached."""

    COMMAND_DECIDED = "a command is decided, nothing of it is written"
    COMMIT_STARTED = "a transaction is open, nothing is written in it"
    COMMIT_AGGREGATES_WRITTEN = "the aggregates are written in the open transaction, their events are not"
    COMMIT_WRITTEN = "all is written in the open transaction, nothing is committed"
    COMMIT_DONE = "the transaction is committed, nobody knows"
    COMMAND_COMMITTED = "the command is committed, its caller has no answer"

    RELAY_READ = "unpublished rows are read or were handed over, none is sent"
    RELAY_BEFORE_SEND = "one row is about to be sent"
    RELAY_SENT = "one row is handed to the producer, the broker has not acknowledged it"
    RELAY_ACKNOWLEDGED = "the broker has acknowledged rows, they are not marked"
    RELAY_MARKED = "acknowledged rows are marked as published"

    CONSUMER_POLLED = "events have arrived, nothing is done with them"
    CONSUMER_BEFORE_EFFECT = "events are fresh by the inbox, no effect of them is decided"
    CONSUMER_EFFECT_DECIDED = "the effects are decided, nothing of them is written"
    CONSUMER_COMMITTED = "effects and inbox positions are committed, the offsets are not"
    CONSUMER_OFFSETS_COMMITTED = "the offsets of a poll are committed"
    CONSUMER_REVOKED = "partitions are about to go to another member"


Observer = Callable[[Step], None]
_observer: Observer | None = None


def reached(step: Step) -> None:
    if _observer is not None:
        _observer(step)


def observe(observer: Observer | None) -> None:
    """Call `observer` at every step of this process from now on; None: nobody. For test processes."""
    global _observer
    _observer = observer
