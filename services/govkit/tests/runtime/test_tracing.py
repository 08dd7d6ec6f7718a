from collections.abc import Iterator

import pytest

from govkit.domain.errors import Gen
from govkit.runtime.tracing import (
    Kind,
    Span,
    current_trace,
    current_trace_id,
    export_spans,
    new_trace,
    parse_traceparent,
    record,
)

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exported() -> Iterator[list[Span]]:
    """The spans that end."""
    spans: list[Span] = []
    export_spans(spans.append)
    yield spans
    export_spans(None)


def test_a_valid_parent_is_continued() -> None:
    with Span("request", Kind.SERVER, parse_traceparent(PARENT)) as span:
        trace = span.trace
        assert trace.trace_id == current_trace_id() == "4bf92f3577b34da6a3ce929d0e0e4736"
        assert trace.span_id != "00f067aa0ba902b7"
        assert current_trace() == trace
        assert parse_traceparent(trace.traceparent) == trace
    assert current_trace_id() is None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        PARENT + "-more",
        PARENT + "\n",
    ],
)
def test_an_invalid_parent_starts_a_new_trace(header: str | None) -> None:
    assert parse_traceparent(header) is None
    with Span("request", Kind.SERVER, parse_traceparent(header)) as span:
        assert len(span.trace.trace_id) == 32


def test_a_later_version_with_more_fields_is_read() -> None:
    trace = parse_traceparent("01" + PARENT[2:-2] + "00-more")
    assert trace is not None
    assert trace.sampled is False


def test_a_span_inside_another_is_its_child(exported: list[Span]) -> None:
    with Span("request", Kind.SERVER, None) as request, Span("command", Kind.INTERNAL, current_trace()) as command:
        assert current_trace() == command.trace
    assert exported == [command, request]
    assert command.parent == request.trace
    assert command.trace.trace_id == request.trace.trace_id
    assert request.parent is None
    assert 0 < request.started <= command.started <= command.ended <= request.ended


def test_what_fails_is_told_by_its_type_only(exported: list[Span]) -> None:
    with pytest.raises(ValueError, match="13800138000"), Span("command", Kind.INTERNAL, None):
        raise ValueError("13800138000")
    assert exported[0].error == "ValueError"
    assert "13800138000" not in str(exported[0].attributes)


def test_a_refusal_is_no_failure(exported: list[Span]) -> None:
    refusal = Gen.NOT_FOUND(id="x")
    with pytest.raises(type(refusal)), Span("command", Kind.INTERNAL, None):
        raise refusal
    assert exported[0].error is None
    assert exported[0].attributes == {"error.type": "GEN_NOT_FOUND"}


def test_what_is_not_sampled_is_not_exported_and_says_so_to_the_next(exported: list[Span]) -> None:
    parent = new_trace(sampled=False)
    with Span("request", Kind.SERVER, parent) as span:
        assert span.trace.traceparent.endswith("-00")
    record("send", Kind.PRODUCER, parent, 1, {})
    assert exported == []


def test_the_ratio_decides_for_new_traces_only(exported: list[Span]) -> None:
    export_spans(exported.append, ratio=0.0)
    with Span("new", Kind.SERVER, None), Span("continued", Kind.SERVER, parse_traceparent(PARENT)):
        pass
    assert [span.name for span in exported] == ["continued"]
