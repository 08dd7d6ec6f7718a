"""What traces tell of events: spans of the relay's sends and of consumers' effects, each a child of what the producer
did. Names by OpenTelemetry's conventions for messaging and CloudEvents."""

from collections.abc import Sequence

from govkit.bus.envelope import Envelope
from govkit.bus.outbox import Row
from govkit.runtime.tracing import Kind, Span, is_exporting, parse_traceparent, record


def effect_span(envelope: Envelope) -> Span:
    """To be current while the event takes effect."""
    span = Span(f"process {envelope.type}", Kind.CONSUMER, parse_traceparent(envelope.traceparent))
    span.attributes = _attributes("process", envelope)
    return span


def record_sends(rows: Sequence[Row], topic: str, started: int) -> None:
    """The broker has just acknowledged these rows, which were handed over at `started`, in nanoseconds of the epoch."""
    if not is_exporting():
        return
    for row in rows:
        envelope = Envelope.from_json(row["envelope"])
        attributes = _attributes("send", envelope) | {"messaging.destination.name": topic}
        record(f"send {topic}", Kind.PRODUCER, parse_traceparent(envelope.traceparent), started, attributes)


def _attributes(operation: str, envelope: Envelope) -> dict[str, str | int]:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "cloudevents.event_id": envelope.id,
        "cloudevents.event_type": envelope.type,
        "cloudevents.event_source": envelope.source,
    }
