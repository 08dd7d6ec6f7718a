"""Asks each service for what it promises about its events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lanling_local.errors import StackError
from lanling_local.parts import Part, services

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class EventType:
    """One type as its class has it now. `commands`: mutations that stand for it, where the kit knows them."""

    service: str
    name: str
    schema: JsonObject
    sample: JsonObject
    commands: tuple[str, ...]


@dataclass(frozen=True)
class ServiceContract:
    """`consumes`: event type → names of the effects that it has in this service."""

    service: str
    events: tuple[EventType, ...]
    consumes: dict[str, tuple[str, ...]]


def current_contracts() -> list[ServiceContract]:
    """Of all services, side by side. Raises StackError when one cannot say."""
    parts = services()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", part.package, "event-contract"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for part in parts
    ]
    answers = [process.communicate() for process in processes]
    for part, process, (_, errors) in zip(parts, processes, answers, strict=True):
        if process.returncode != 0:
            raise StackError(f"{part.name} cannot say what its events are", errors.decode().splitlines()[-12:])
    return [_contract(part, json.loads(output)) for part, (output, _) in zip(parts, answers, strict=True)]


def all_events(contracts: Sequence[ServiceContract]) -> list[EventType]:
    return [event for contract in contracts for event in contract.events]


def _contract(part: Part, answer: JsonObject) -> ServiceContract:
    events = tuple(
        EventType(part.name, name, event["schema"], event["sample"], tuple(event["commands"]))
        for name, event in sorted(answer["events"].items())
    )
    return ServiceContract(part.name, events, {name: tuple(found) for name, found in answer["consumes"].items()})
