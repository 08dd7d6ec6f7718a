"""What a service keeps of records that others own: enough to know that an id exists and how codes and ids go together.

    KEPT = (Keep("Community", "community.established", "community.changed"),)

Each event's data becomes the row `<type>:<id>` of the collection `references`. References to a kept type are checked
when a command stores them, and refused with GEN_REFERENCE_UNKNOWN when nothing was heard of the id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from govkit.bus.inbox import DataUnfit
from govkit.bus.projections import Projection, Rows, projects
from govkit.domain.fields import camel, snake

REFERENCES = "references"


@dataclass(frozen=True)
class Keep:
    """`type_name` as in GraphQL; events by name, version 1. The id is the field `<typeName>Id` unless `id` names it."""

    type_name: str
    events: tuple[str, ...]
    id: str

    def __init__(self, type_name: str, *events: str, id: str | None = None):
        object.__setattr__(self, "type_name", type_name)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "id", id or camel(f"{snake(type_name)}_id"))

    def projection(self) -> Projection:
        async def keep(rows: Rows, data: dict[str, Any]) -> None:
            self.note(rows, data)

        return projects(*self.events, into=(REFERENCES,))(keep)

    def note(self, rows: Rows, data: dict[str, Any]) -> None:
        """Merge the event's data into the row; events that carry only a part leave the rest as it was."""
        if self.id not in data:
            raise DataUnfit(f"no {self.id}")
        values = {f"data.{name}": value for name, value in data.items()}
        rows.project(REFERENCES, f"{self.type_name}:{data[self.id]}", type=self.type_name, **values)


def reference_projections(kept: Sequence[Keep]) -> list[Projection]:
    return [keep.projection() for keep in kept]
