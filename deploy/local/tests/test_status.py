"""The table of the running county: what counts as not well, and how rates and quantiles are read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lanling_local.errors import StackError
from lanling_local.scrape import Scrape, increase, quantile, scrape
from lanling_local.status import Process, addresses, status, table, unpublished

SERVICE = """
build_info{revision="abc",version="1.4.0"} 1.0
graphql_request_seconds_count{result="ok"} 10.0
outbox_backlog{topic="t"} 0.0
outbox_oldest_seconds{topic="t"} 0.0
outbox_lease{topic="t"} 3.0
inbox_lag{group="g",topic="a"} 2.0
inbox_lag{group="g",topic="b"} 3.0
inbox_parked_subjects{group="g"} 0.0
inbox_parked{group="g",reason="BEHIND"} 2.0
process_cpu_seconds_total 5.0
process_resident_memory_bytes 1.048576e+08
"""
GATEWAY = """
gateway_build_info{revision="abc",version="1.4.0"} 1.0
gateway_subgraph_circuit{subgraph="points"} 0.0
"""


@contextmanager
def process(metrics: str, ready: bytes = b'{"status":"ready"}') -> Iterator[str]:
    """The address of a process that tells this of itself."""
    answers = {"/metrics": (200, metrics.encode()), "/readyz": (200 if b'"ready"' in ready else 503, ready)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = answers[self.path]
            self.send_response(code)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def of(metrics: str, at: float = 0.0) -> Scrape:
    with process(metrics) as url:
        return Scrape(at, samples=scrape(url).samples)


def problems(name: str, metrics: str, before: str | None = None) -> list[str]:
    return list(Process(name, of(before or metrics), of(metrics, at=2.0)).problems())


def test_a_row_of_a_service() -> None:
    before, after = of(SERVICE), of(SERVICE.replace('{result="ok"} 10.0', '{result="ok"} 30.0'), at=2.0)
    row = Process("points", before, after).row()
    assert row == ("points", "1.4.0", "ready", "0", "0 s", "5", "0", "10.0", "0.0", "–", "0%", "100 MB")


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("outbox_oldest_seconds{topic=\"t\"} 0.0", "outbox_oldest_seconds{topic=\"t\"} 45.0", "has waited 45 s"),
        ("inbox_parked_subjects{group=\"g\"} 0.0", "inbox_parked_subjects{group=\"g\"} 2.0", "2 aggregates are parked"),
        ("process_cpu", 'inbox_parked{group="g",reason="FOREIGN"} 3.0\nprocess_cpu', "3 records that are no events"),
        ("topic=\"b\"} 3.0", "topic=\"b\"} 2000.0", "2002 events of others wait"),
        ("process_cpu", 'outbox_held_subjects{topic="t"} 1.0\nprocess_cpu', "1 aggregates are held back"),
        ("process_cpu", "county_due_lag_seconds 75.0\nprocess_cpu", "what fell due 75 s ago has not happened"),
        ("process_cpu", "county_due_set_aside 2.0\nprocess_cpu", "2 rules of records failed"),
        ("process_cpu", 'graphql_errors_total{code="GEN_INTERNAL"} 4.0\nprocess_cpu', "2.0 faults a second"),
    ],
)  # fmt: skip
def test_what_is_not_well_is_told(was: str, now: str, told: str) -> None:
    assert problems("points", SERVICE) == []
    (line,) = problems("points", SERVICE.replace(was, now), before=SERVICE)
    assert told in line


def test_refusals_of_rules_are_no_faults() -> None:
    refused = SERVICE + 'graphql_errors_total{code="GEN_NOT_FOUND"} 4.0\n'
    assert problems("points", refused, before=SERVICE) == []


def test_an_open_circuit_is_told() -> None:
    assert problems("gateway", GATEWAY) == []
    (line,) = problems("gateway", GATEWAY.replace('"points"} 0.0', '"points"} 2.0'))
    assert "does not ask points" in line


def test_somebody_must_publish_but_not_everybody() -> None:
    leader, standby = of(SERVICE), of(SERVICE.replace("} 3.0\ninbox_lag", "} 0.0\ninbox_lag"))
    one, two = Process("points", leader, leader), Process("points", standby, standby)
    assert unpublished([one, two]) == []
    assert unpublished([two]) == ["points: none of its processes publishes events"]


def test_a_process_that_is_not_ready_or_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with process(SERVICE, b'{"status":"not ready","notReady":["mongodb"]}') as url:
        monkeypatch.setenv("STATUS_URLS", f"points={url} grid=http://127.0.0.1:9")
        assert status(0.01) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:4] == ["points", "1.4.0", "not", "ready"]
    assert lines[2].split() == ["grid", "down"]
    assert "points: not ready: mongodb" in lines
    assert any(line.startswith("grid: down: ") for line in lines)


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with process(SERVICE + "county_petitions_open 7.0\n") as url:
        monkeypatch.setenv("STATUS_URLS", f"petition={url}/,")
        assert status(0.01) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["petition: petitions open 7", "all is well"]


@pytest.mark.parametrize("given", ["points", "points=10.0.0.4:8000", "=http://x", "points=ftp://x"])
def test_addresses_that_are_none(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUS_URLS", given)
    with pytest.raises(StackError, match="NAME=http://HOST:PORT"):
        addresses()


def test_a_counter_that_began_anew_counts_from_zero() -> None:
    assert increase(of("x_total 90.0\n"), of("x_total 5.0\n"), "x_total") == 5.0


def test_a_quantile_is_of_what_came_in_between() -> None:
    before = of('x_bucket{le="0.1"} 100.0\nx_bucket{le="0.2"} 100.0\nx_bucket{le="+Inf"} 100.0\n')
    after = of('x_bucket{le="0.1"} 150.0\nx_bucket{le="0.2"} 200.0\nx_bucket{le="+Inf"} 200.0\n')
    assert quantile(before, after, "x", 0.5) == pytest.approx(0.1)
    assert quantile(before, after, "x", 0.75) == pytest.approx(0.15)
    assert quantile(before, before, "x", 0.75) is None


def test_columns_stand_below_each_other() -> None:
    assert table([("", "a", "b", "n"), ("long", "x", "y", "10")]) == ["      a  b   n", "long  x  y  10"]
