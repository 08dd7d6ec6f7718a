"""A connection that is closed by the server may have a request under way; so the gateway gives it up first."""

from gateway.transport.client import MAX_IDLE
from govkit.runtime.app import IDLE_SECONDS


def test_the_gateway_gives_up_an_idle_connection_long_before_a_service_does() -> None:
    assert MAX_IDLE * 10 < IDLE_SECONDS
