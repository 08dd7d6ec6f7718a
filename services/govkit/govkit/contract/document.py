"""All that a service promises about its events, as one JSON document for the tools of the repository."""

import inspect
from collections.abc import Sequence
from typing import Any

from govkit.bus.inbox import Consumer, by_type
from govkit.contract.samples import sample
from govkit.contract.schemas import event_schema
from govkit.domain.aggregate import Aggregate
from govkit.domain.events import Event


def contract(
    name: str,
    source: str,
    events: Sequence[type[Event]],
    aggregates: Sequence[type[Aggregate]],
    consumers: Sequence[Consumer],
) -> dict[str, Any]:
    """`{service, events: {type: {schema, sample, commands}}, consumes: {type: [effect]}}`.

    `commands` names the mutations that stand for it: those of a plain register, or the rows of a state table in whose
    domain method it is recorded. Others may lead to it as well.
    """
    commands = _register_commands(aggregates) | _table_commands(aggregates)
    return {
        "service": name,
        "events": {
            cls.TYPE: {
                "schema": event_schema(cls),
                "sample": sample(source, cls),
                "commands": commands.get(cls.TYPE, []),
            }
            for cls in events
        },
        "consumes": _consumed(consumers),
    }


def _register_commands(aggregates: Sequence[type[Aggregate]]) -> dict[str, list[str]]:
    registers = [cls.REGISTER for cls in aggregates if cls.REGISTER]
    created = {register.created.TYPE: [str(register.create)] for register in registers}
    return created | {register.changed.TYPE: [str(register.update)] for register in registers}


def _table_commands(aggregates: Sequence[type[Aggregate]]) -> dict[str, list[str]]:
    """A method of an aggregate names its row to `TABLE` and its event to `record`: both stand in its code."""
    found: dict[str, set[str]] = {}
    for cls in aggregates:
        rows = {row.name for row in cls.TABLE.rows.values()} if cls.TABLE else set()
        for _, method in inspect.getmembers(cls, inspect.isfunction):
            names = rows.intersection(value for value in method.__code__.co_consts if isinstance(value, str))
            for name in method.__code__.co_names if names else ():
                recorded = method.__globals__.get(name)
                if inspect.isclass(recorded) and issubclass(recorded, Event):
                    found.setdefault(recorded.TYPE, set()).update(names)
    return {type: sorted(names) for type, names in found.items()}


def _consumed(consumers: Sequence[Consumer]) -> dict[str, list[str]]:
    return {
        type: sorted(consumer.effect.__name__ for consumer in found)
        for type, found in sorted(by_type(consumers).items())
    }
