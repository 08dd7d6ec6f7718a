"""What a serving process tells of itself: its build, and its spans where a collector is configured."""

from collections.abc import Iterator
from contextlib import contextmanager

from govkit.runtime import metrics
from govkit.runtime.build import build_of
from govkit.runtime.settings import ServiceSettings


@contextmanager
def telemetry(service: str, settings: ServiceSettings) -> Iterator[None]:
    build = build_of(f"lanling-{service}")
    metrics.BUILD.labels(build.version, build.revision).set(1)
    if settings.otel_exporter_otlp_endpoint is None:
        yield
        return
    from govkit.runtime.export import SpanExport

    export = SpanExport(service, build, settings.otel_traces_sampler_arg)
    try:
        yield
    finally:
        export.close()
