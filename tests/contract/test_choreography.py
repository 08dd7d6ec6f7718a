"""Who listens to whom: every consumer's event is published by a service that is listened to, and docs/choreography.md
names every arrow and no event that does not exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from govkit.bus.inbox import by_type
from govkit.service import Service
from lanling_local.parts import services

REPOSITORY = Path(__file__).parents[2]
SERVICES: list[Service] = [import_module(f"{part.package}.service").SERVICE for part in services()]
PUBLISHED = {item.name: {cls.TYPE for cls in item.events} for item in SERVICES}
PRESENT, MISSING = (REPOSITORY / "docs" / "choreography.md").read_text("utf-8").split("## Arrows of the reference", 1)


def named(text: str) -> set[str]:
    """The events that the first column of the tables names; `thing.one/other` are two, `thing.*` stands as it is."""
    found = set()
    for cell in re.findall(r"^\| (`[^|]*)", text, re.MULTILINE):
        for thing, verbs in re.findall(r"([a-z_]+)\.([a-z_/*]+)", cell):
            found |= {f"{thing}.{verb}" for verb in verbs.split("/")}
    return found


def known(event: str) -> bool:
    types = set().union(*PUBLISHED.values())
    thing = event.removesuffix("*")
    return any(type.startswith(f"cn.lanling.{thing}") for type in types)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_event_comes_from_a_service_that_is_listened_to(service: Service) -> None:
    heard = set().union(*(PUBLISHED[name] for name in service.listens_to))
    consumed = by_type(service.all_consumers).keys()
    assert consumed <= heard
    needless = [name for name in service.listens_to if not PUBLISHED[name] & consumed]
    assert needless == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_arrow_is_in_the_table(service: Service) -> None:
    names = named(PRESENT)
    consumed = {re.sub(r"^cn\.lanling\.|\.v\d+$", "", type) for type in by_type(service.all_consumers)}
    assert [one for one in sorted(consumed) if not {one, f"{one.split('.')[0]}.*"} & names] == []


def test_the_table_names_events_that_are_published() -> None:
    assert len(named(PRESENT)) > 30
    assert [event for event in sorted(named(PRESENT)) if not known(event)] == []


def test_what_is_missing_is_missing() -> None:
    """An event that came into being belongs into the tables above it."""
    lacking = {event for event in named(MISSING) if "*" not in event}
    assert len(lacking) > 3
    assert [event for event in sorted(lacking) if known(event)] == []
