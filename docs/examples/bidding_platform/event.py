"""An event as it comes from the broker: CloudEvents 1.0, structured JSON."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

COUNTY_TIME = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Event:
    """`subject` is the record that it is about; `sequence` counts the events of one subject from 1 without gaps."""

    source: str
    subject: str
    sequence: int
    type: str
    time: datetime
    data: dict[str, Any]
    body: str
    """All of it, as it came."""

    @property
    def is_snapshot(self) -> bool:
        """Whether it carries the whole public state of its subject."""
        return ".snapshot.v" in self.type

    @property
    def day(self) -> date:
        """On which it was committed, in the county's time."""
        return self.time.astimezone(COUNTY_TIME).date()

    @classmethod
    def from_record(cls, value: bytes | None) -> "Event":
        """Raises ValueError when the record is no event. Attributes that are not known here do not matter."""
        try:
            body = (value or b"").decode()
            event = json.loads(body)
            source, subject, type = (text(event[name]) for name in ("source", "subject", "type"))
            sequence, time, data = int(event["sequence"]), datetime.fromisoformat(event["time"]), dict(event["data"])
            if not 0 < sequence < 2**63:
                raise ValueError(f"sequence {sequence}")
            return cls(source, subject, sequence, type, time, data, body)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"not an event: {error!r}") from error


def text(value: object) -> str:
    """The value, when it is text that a database takes. Raises TypeError or ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"no text: {value!r}")
    value.encode()
    return value
