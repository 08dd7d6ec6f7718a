"""Subscriptions on the secured broker: the gateway reads the events as its own user, and none without its password."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from county import eventually
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST, free_ports
from lanling_local.processes import Child, stop
from lanling_local.secured_kafka import SecuredKafka
from subscribers.plain import client, write

SUPERGRAPH = REPOSITORY / "gateway" / "tests" / "subscriptions" / "live" / "supergraph.graphql"
TOPIC = "lanling.red-partner.events"
ASKED = {"query": 'subscription { orderChanged(id: "1") { state } }'}
EVENTS = {"accept": "text/event-stream"}


class Orders(BaseHTTPRequestHandler):
    """A subgraph that knows one order, asked for under the name of the subscription."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"data":{"orderChanged":{"__typename":"Order","id":"1","state":"SENT"}}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def orders() -> Iterator[str]:
    server = ThreadingHTTPServer((HOST, 0), Orders)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{server.server_port}/graphql"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def gateway(directory: Path, orders: str, broker: dict[str, str]) -> Iterator[str]:
    """Its address."""
    (port,) = free_ports(1)
    supergraph = directory / "supergraph.graphql"
    supergraph.write_text(SUPERGRAPH.read_text().replace('topic: "orders"', 'topic: "red-partner.events"'))
    environment = {**os.environ, **broker, "TOPIC_PREFIX": "lanling", "GATEWAY_SUBGRAPH_URL_ORDERS": orders}
    command = [sys.executable, "-m", "gateway", "serve", "--supergraph", str(supergraph), "--port", str(port)]
    child = Child("gateway", command, log=directory / "gateway.log", environment=environment)
    try:
        eventually(lambda: ready(child, f"http://{HOST}:{port}/readyz"), 60)
        yield f"http://{HOST}:{port}/graphql"
    finally:
        stop([child])


def ready(child: Child, url: str) -> bool:
    child.raise_if_dead()
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_events_of_the_secured_broker_are_told(broker: SecuredKafka, orders: str, tmp_path: Path) -> None:
    event = {"specversion": "1.0", "id": "e1", "type": "order.sent", "subject": "1", "data": {}}
    with (
        gateway(tmp_path, orders, broker.environment("gateway")) as url,
        httpx.stream("POST", url, json=ASKED, headers=EVENTS, timeout=30) as response,
    ):
        assert response.status_code == 200, response.read()
        lines = response.iter_lines()
        assert next(lines).startswith("id: ")
        write(client(broker, "red-partner"), TOPIC, json.dumps(event).encode(), key="1")
        told = next(line for line in lines if line.startswith("data: "))
    assert json.loads(told.removeprefix("data: "))["data"] == {"orderChanged": {"state": "SENT"}}


def test_without_the_password_nothing_is_told(broker: SecuredKafka, orders: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guessed")
    environment = broker.environment("gateway") | {"KAFKA_SASL_PASSWORD_FILE": str(wrong)}
    with gateway(tmp_path, orders, environment) as url:
        response = httpx.post(url, json=ASKED, headers=EVENTS, timeout=60)
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "SUBSCRIPTIONS_UNAVAILABLE"
    assert "guessed" not in (tmp_path / "gateway.log").read_text()
