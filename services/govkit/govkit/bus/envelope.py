"""One event on the wire: CloudEvents 1.0, structured JSON, attributes repeated as `ce_` headers to filter by.

`sequence` counts the events of one subject from 1 without gaps: consumers drop what they have seen and notice a gap.
"""

from dataclasses import dataclass
from typing import Any

import orjson

CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """`time` is RFC 3339 in UTC; `data` is JSON with camelCase names, described by `dataschema`."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: int
    aggregateversion: int
    correlationid: str
    causationid: str
    traceparent: str
    data: dict[str, Any]

    @property
    def key(self) -> str:
        """Names the subject among those of all services: `<source>|<subject>`."""
        return f"{self.source}|{self.subject}"

    @property
    def dataschema(self) -> str:
        """Relative to the `schemas/events` folder: `<service>/<type>.json`."""
        return f"{self.source.rsplit('/', 1)[-1]}/{self.type}.json"

    def to_json(self) -> bytes:
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "subject": self.subject,
                "time": self.time,
                "datacontenttype": "application/json",
                "dataschema": self.dataschema,
                "partitionkey": self.subject,
                # CloudEvents' sequence extension is a string.
                "sequence": str(self.sequence),
                "aggregateversion": self.aggregateversion,
                "correlationid": self.correlationid,
                "causationid": self.causationid,
                "traceparent": self.traceparent,
                "data": self.data,
            }
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Envelope":
        """Raises ValueError when the body is not an event of this form. Unknown attributes are ignored."""
        try:
            event = orjson.loads(body)
            return cls(
                id=event["id"],
                source=event["source"],
                type=event["type"],
                subject=event["subject"],
                time=event["time"],
                sequence=int(event["sequence"]),
                aggregateversion=int(event["aggregateversion"]),
                correlationid=event["correlationid"],
                causationid=event["causationid"],
                traceparent=event["traceparent"],
                data=event["data"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a CloudEvent of the county: {error}") from error

    def headers(self) -> list[tuple[str, bytes]]:
        return [
            ("content-type", CONTENT_TYPE),
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_sequence", str(self.sequence).encode()),
        ]
