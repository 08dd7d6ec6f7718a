"""Spans to a collector by OTLP over HTTP, through the OpenTelemetry SDK, which reads its own environment
(`OTEL_EXPORTER_OTLP_…`, `OTEL_BSP_…`). A collector that is away costs spans and a log line, never a request.
"""

from __future__ import annotations

import threading

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from .span import Kind, Span

FLUSH_SECONDS = 3.0  # a gateway that stops must not wait for a collector that does not answer
_KINDS = {Kind.SERVER: SpanKind.SERVER, Kind.INTERNAL: SpanKind.INTERNAL, Kind.CLIENT: SpanKind.CLIENT}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Exporter:
    def __init__(self, build: str):
        self._resource = Resource.create({"service.name": "gateway", "service.version": build})
        self._scope = InstrumentationScope("gateway")
        self._processor = BatchSpanProcessor(OTLPSpanExporter())

    def take(self, span: Span) -> None:
        # The SDK's own spans make their ids; a request has its id already, in its log line and its answer.
        trace = span.trace
        attributes = {**span.attributes, "error.type": span.error} if span.error else span.attributes
        self._processor.on_end(
            ReadableSpan(
                name=span.name,
                context=_context(trace.trace_id, trace.span_id, is_remote=False),
                parent=_context(trace.trace_id, trace.parent, is_remote=span.kind is Kind.SERVER)
                if trace.parent
                else None,
                resource=self._resource,
                attributes=attributes,
                kind=_KINDS[span.kind],
                status=Status(StatusCode.ERROR if span.error else StatusCode.UNSET),
                start_time=span.started,
                end_time=span.ended,
                instrumentation_scope=self._scope,
            )
        )

    def close(self) -> None:
        """Send what waits, for at most FLUSH_SECONDS."""
        flush = threading.Thread(target=self._processor.shutdown, daemon=True)
        flush.start()
        flush.join(FLUSH_SECONDS)


def _context(trace_id: str, span_id: str, *, is_remote: bool) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote, _SAMPLED)
