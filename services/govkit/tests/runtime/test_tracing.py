import pytest

from govkit.runtime.tracing import continue_trace, current_trace, current_trace_id, parse_traceparent

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_valid_parent_is_continued() -> None:
    with continue_trace(PARENT) as trace:
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
    with continue_trace(header) as trace:
        assert len(trace.trace_id) == 32


def test_a_later_version_with_more_fields_is_read() -> None:
    trace = parse_traceparent("01" + PARENT[2:-2] + "00-more")
    assert trace is not None
    assert trace.sampled is False
