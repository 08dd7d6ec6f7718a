"""Acknowledgement: the leader dies with what it alone has, and a follower that was asleep becomes leader."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from lanling_local.stack import Infrastructure
from lanling_local.topics import create_topics
from reliability.clients import Client
from reliability.cluster import BROKERS, cluster
from reliability.ledger import Ledger
from reliability.load import tokens_of
from reliability.place import Place
from reliability.proof import judge
from reliability.stack import Processes, configuration_on_free_ports
from reliability.stories import World, community, found

pytestmark = pytest.mark.timeout(900)

CHANGES = 6
# Many times what a relay needs that meets the sleeping broker a few times before the other one.
PATIENCE_SECONDS = 180.0
REFUSAL_SECONDS = 20.0


@pytest.mark.parametrize(("bug", "loses"), [("", False), ("acknowledged_by_one", True)])
def test_what_the_broker_acknowledged_survives_the_loss_of_a_leader(
    servers: Infrastructure, tmp_path: Path, bug: str, loses: bool
) -> None:
    leader, follower = BROKERS
    with cluster(tmp_path) as brokers:
        there = Infrastructure(brokers.bootstrap_servers, servers.mongodb_uri)
        prefix = f"leader-{bug[:4]}-{int(time.time()) % 100_000}"
        processes = Processes(configuration_on_free_ports(tmp_path, ("organization",)), there, prefix, bug)
        asyncio.run(create_topics(brokers.bootstrap_servers, prefix=prefix))
        try:
            processes.start_all(gateway=False)
            place = processes.place(gateway=False)
            place.write()
            world = World()
            asyncio.run(ask(place, "before", world))
            assert wait_for_relay(place, PATIENCE_SECONDS)
            brokers.signal(follower, signal.SIGSTOP)
            brokers.wait_for_leader(leader)
            asyncio.run(ask(place, "meanwhile", world))
            # One whom the leader's word is enough says now that everything is published.
            assert wait_for_relay(place, PATIENCE_SECONDS if loses else REFUSAL_SECONDS) is loses
            brokers.signal(leader, signal.SIGKILL)
            brokers.signal(follower, signal.SIGCONT)
            brokers.wait_for_leader(follower)
            brokers.start(leader)
            verdict = judge(place)
        finally:
            processes.stop()
    assert (verdict.figure("lost") > 0) is loses, verdict.text
    assert verdict.code == (1 if loses else 0), verdict.text


async def ask(place: Place, name: str, world: World) -> None:
    """Found the world if there is none, and change it a few times."""
    ledger = Ledger(place.ledger)
    async with httpx.AsyncClient(timeout=None) as http:
        client = Client(name, place, tokens_of(place), ledger, http, seed=1)
        if not world.communities:
            await found(client, world, frozenset({"organization"}))
        for _ in range(CHANGES):
            await community(client, world)
    ledger.close()


def wait_for_relay(place: Place, seconds: float) -> bool:
    """Whether the relay says in time that everything is published."""
    deadline = time.monotonic() + seconds
    client: MongoClient[dict[str, Any]]
    with MongoClient(place.mongodb) as client:
        outbox: Collection[dict[str, Any]] = client[place.services[0].database]["outbox"]
        while outbox.count_documents({"published": False}):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
    return True
