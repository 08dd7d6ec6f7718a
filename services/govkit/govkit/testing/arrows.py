"""An arrow of the choreography (docs/choreography.md), tried with all that delivery at least once, other services'
releases and their order of arrival may bring.

    arrow = Told("grid", "duty.started", "duty-1", {"gridDutyId": "duty-1", …})
    await prove_arrow(county.service, arrow, seen, "worker-1", unknown={"gridCode": "no such grid"}, needs=(grid,))
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from govkit.references import Keep
from govkit.service import Service
from govkit.testing.service import RunningService

LATER_VERSION = 2


@dataclass(frozen=True)
class Told:
    """One event of the service `source`. `type` without prefix and version; `data` as on the wire."""

    source: str
    type: str
    subject: str
    data: Mapping[str, Any]

    async def to(self, service: RunningService, sequence: int, *, times: int = 1, version: int = 1) -> None:
        await service.receive(
            self.source, self.type, self.subject, dict(self.data), sequence=sequence, times=times, version=version
        )


async def prove_arrow(
    service: RunningService,
    told: Told,
    seen: Callable[[], Awaitable[Any]],
    expected: Any,
    *,
    unknown: Mapping[str, Any],
    needs: Sequence[Told] = (),
    after: int = 0,
) -> None:
    """Fails unless the event has its effect, once, whatever happens around it.

    `seen` reads what the event changes; afterwards it answers `expected`. In this order: a newer version of the type,
    in a shape of its own, is passed over; the same event with the fields of `unknown`, which name records that nobody
    heard of, changes nothing that is seen and fails nothing; the event itself comes three times; what it refers to
    (`needs`) is told only now; at last every delivery comes again, the older ones after the newer.

    `after`: how many events of its subject came before; a proof is three.
    """
    before = await seen()
    assert before != expected, "the effect is there before the event"
    later = replace(told, data={"shape": {"of": "a later version"}})
    stray = replace(told, data={**told.data, **unknown})
    await later.to(service, after + 1, version=LATER_VERSION)
    await stray.to(service, after + 2)
    assert await seen() == before
    await told.to(service, after + 3, times=3)
    for need in needs:
        await service.receive(need.source, need.type, need.subject, dict(need.data))
    assert await seen() == expected
    await stray.to(service, after + 2)
    await later.to(service, after + 1, version=LATER_VERSION)
    await told.to(service, after + 3, times=2)
    assert await seen() == expected
    key = f"/lanling/{told.source}|{told.subject}"
    assert await service.store.database["parked"].find_one({"key": key}) is None


def kept_events(service: Service) -> list[tuple[Keep, str]]:
    """Every event from which a service keeps records of others, as parameters of a test."""
    return [(keep, event) for keep in service.kept for event in keep.events]


async def prove_kept(
    service: RunningService, keep: Keep, event: str, source: str = "organization", **more: Any
) -> None:
    """`prove_arrow` for an event whose record is kept: afterwards commands may refer to it.

    `more`: what other consumers of the same event cannot do without.
    """
    id = f"{keep.type_name}-of-{event}"

    async def seen() -> Any:
        known = await service.store.reference(keep.type_name, "id", id)
        return known and known["data"].get("code")

    told = Told(source, event, id, {keep.id: id, "code": "here", **more})
    await prove_arrow(service, told, seen, "here", unknown={keep.id: f"other-{id}"})
