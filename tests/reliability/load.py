"""The load: `python -m reliability.load DIRECTORY COMMANDS SEED [CLIENTS]`.

Asks for at least so many commands, some of each story; goes on, slower, while faults are to come; ends when all are
answered.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path

import httpx

from lanling_local import issuer
from reliability.clients import Client, Refused
from reliability.ledger import Ledger
from reliability.place import Place
from reliability.stories import ROLES, STORIES, World, found

CLIENTS = 12
PACE_SECONDS = 0.5


async def run_load(place: Place, commands: int, seed: int, clients: int = CLIENTS) -> Ledger:
    """Raises Unanswered when the county did not come back within a client's patience."""
    tokens = tokens_of(place)
    ledger = Ledger(place.ledger)
    services = frozenset(service.name for service in place.services)
    stories = [story for service in sorted(place.stories) for story in STORIES[service]]
    world = World()
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(limits=limits, timeout=None) as http:

        def client(name: str) -> Client:
            return Client(name, place, tokens, ledger, http, seed)

        await found(client("founder"), world, services)

        async def live(one: Client, first: int) -> None:
            for turn in count(first):
                if ledger.asked >= commands:
                    if place.enough.exists():
                        return
                    await asyncio.sleep(PACE_SECONDS)
                try:
                    await stories[turn % len(stories)](one, world)
                except Refused:
                    continue  # the rules' answer is an answer; the ledger has it

        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(live(client(f"client{number}"), number))
    return ledger


def tokens_of(place: Place) -> dict[str, str]:
    """By subject, one for each actor of the stories."""
    return {
        subject: issuer.issue(roles, subject=subject, scope={"countyWide": True}, directory=place.directory / "issuer")
        for subject, roles in ROLES.items()
    }


def main() -> None:
    directory, commands, seed, *clients = sys.argv[1:]
    place = Place.read(Path(directory))
    asyncio.run(run_load(place, int(commands), int(seed), int(clients[0]) if clients else CLIENTS))


if __name__ == "__main__":
    main()
