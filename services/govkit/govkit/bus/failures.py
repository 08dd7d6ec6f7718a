"""Why an event was not applied: its own fault, that of its turn, or nobody's."""

from enum import Enum

from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WTimeoutError

from govkit.bus.envelope import Envelope
from govkit.store.commits import ConcurrentChange

_AWAY = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
_AWAY_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")


class Reason(Enum):
    """Why an event or a record is parked, by name in its row."""

    EFFECT_FAILED = "its effect failed at every try"
    CONTENDED = "commits of others to the same records came first at every try"
    DATA_UNFIT = "its data do not fit the view that a consumer has of its type"
    GAP = "events of its subject before it have not arrived"
    BEHIND = "an earlier event of its subject is parked"

    EMPTY = "the record has no value"
    TOO_LARGE = "the record is larger than events may be"
    UNREADABLE = "the record is not JSON"
    NOT_CLOUDEVENT = "JSON, but no CloudEvent 1.0"
    ATTRIBUTE_MISSING = "an attribute of the envelope is missing"
    ATTRIBUTE_WRONG = "an attribute of the envelope has a wrong type or form"
    FOREIGN = "its source is not the service whose topic this is"
    WRONG_KEY = "the key of the record is not the subject of the event"


class NotApplied(Exception):
    """`envelope` is the event because of which nothing was applied. Its cause, if any, is the error of the effect.

    With the reason GAP, `expected` is the sequence that should have come.
    """

    def __init__(self, envelope: Envelope, reason: Reason, expected: int | None = None):
        super().__init__(f"{reason.name}: {envelope.type} {envelope.key} {envelope.sequence}")
        self.envelope = envelope
        self.reason = reason
        self.expected = expected


class NotTogether(Exception):
    """`envelope` must begin a commit: its effect reads rows that events before it write in the same one."""

    def __init__(self, envelope: Envelope):
        super().__init__(envelope.id)
        self.envelope = envelope


def database_is_away(error: BaseException) -> bool:
    """Whether the same call may succeed later: no event is ever to blame for it."""
    if isinstance(error, _AWAY):
        return True
    return isinstance(error, PyMongoError) and any(map(error.has_error_label, _AWAY_LABELS))


def reason_of(error: Exception) -> Reason:
    """As what an event is parked that `Inbox.apply` raised this for."""
    if isinstance(error, NotApplied):
        return error.reason
    return Reason.CONTENDED if isinstance(error, ConcurrentChange) else Reason.EFFECT_FAILED
