"""Spans to a collector, by OTLP over HTTP. Imported only where one is configured: the SDK costs 0.25 s of CPU.

Where, with which headers, certificates and time-outs is the SDK's own configuration (`OTEL_EXPORTER_OTLP_…`,
`OTEL_BSP_…`). A collector that is away costs spans and a log line, never a request.
"""

import threading

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from govkit.runtime.build import Build
from govkit.runtime.tracing import Kind, Span, Trace, export_spans

# A service that stops must not wait for a collector that does not answer.
FLUSH_SECONDS = 3.0
_KINDS = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.SERVER: SpanKind.SERVER,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CONSUMER: SpanKind.CONSUMER,
}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class SpanExport:
    """From its making until `close` every sampled span of the process goes to the collector."""

    def __init__(self, service: str, build: Build, ratio: float):
        self._resource = Resource.create({"service.name": service, "service.version": build.version})
        self._scope = InstrumentationScope("govkit")
        self._processor = BatchSpanProcessor(OTLPSpanExporter())
        export_spans(self._take, ratio)

    def close(self) -> None:
        """Send what waits, for at most FLUSH_SECONDS."""
        export_spans(None)
        flush = threading.Thread(target=self._processor.shutdown, daemon=True)
        flush.start()
        flush.join(FLUSH_SECONDS)

    def _take(self, span: Span) -> None:
        # The SDK's spans make ids of their own and keep a context of their own; ours are there already.
        if span.error:
            span.attributes["error.type"] = span.error
        self._processor.on_end(
            ReadableSpan(
                name=span.name,
                context=_context(span.trace, is_remote=False),
                parent=_context(span.parent, is_remote=span.kind is not Kind.INTERNAL) if span.parent else None,
                resource=self._resource,
                attributes=span.attributes,
                kind=_KINDS[span.kind],
                status=Status(StatusCode.ERROR if span.error else StatusCode.UNSET),
                start_time=span.started,
                end_time=span.ended,
                instrumentation_scope=self._scope,
            )
        )


def _context(trace: Trace, *, is_remote: bool) -> SpanContext:
    return SpanContext(int(trace.trace_id, 16), int(trace.span_id, 16), is_remote, _SAMPLED)
