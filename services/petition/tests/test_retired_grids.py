"""A grid was retired, and what belonged into it comes only now: it goes to the grid that follows."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from govkit.store.commits import Commit
from govkit.testing.arrows import Told, prove_arrow
from petition.domain.petitions import Petition

WIDTH = 0.002


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


class Row:
    """Grids side by side from `west` on, by their last digit."""

    def __init__(self, county: Any, number: int, west: float):
        self.county, self.number, self.west = county, number, west

    def code(self, digit: int) -> str:
        return f"3713240010{self.number:02}00{digit}"

    def point(self, digit: int) -> dict[str, Any]:
        return {"longitude": round(self.west + (digit + 0.5) * WIDTH, 5), "latitude": 34.805}

    async def submit(self, digit: int) -> str:
        petition = await self.county.submit(location=self.point(digit) | {"coordinateSystem": "WGS84"})
        return str(petition["id"])

    async def create(self, digit: int, at: int | None = None) -> None:
        """On its own ground, or on that of another."""
        place = digit if at is None else at
        west, east = self.west + place * WIDTH, self.west + (place + 1) * WIDTH
        ring = [[west, 34.80], [east, 34.80], [east, 34.81], [west, 34.81], [west, 34.80]]
        grid = {"boundary": {"type": "Polygon", "coordinates": [ring]}, "communityId": "community-1"}
        known = grid | {"baseGridId": f"id-{self.code(digit)}", "code": self.code(digit)}
        await self.county.service.receive("grid", "grid.created", f"id-{self.code(digit)}", known)

    async def retire(self, digit: int, *successors: int) -> None:
        gone = {
            "code": self.code(digit),
            "communityId": "community-1",
            "successorCodes": list(map(self.code, successors)),
        }
        await self.county.service.receive("grid", "grid.retired", f"id-{self.code(digit)}", gone)

    async def code_of(self, petition_id: str) -> str:
        return str((await self.county.see(petition_id, self.county.dispatcher, "gridCode"))["gridCode"])


async def test_what_was_found_in_a_retired_grid_is_a_case_of_the_grid_that_follows(county: Any) -> None:
    """Of several the one that holds the place, also when they were retired in their turn."""
    row, event = Row(county, 81, 118.36), fresh("grid-event")
    await row.create(1)
    await row.retire(1, 2, 3)
    await row.create(2)
    await row.create(3)
    await row.retire(3, 4, 5)
    await row.create(4)
    await row.create(5, at=1)

    async def seen() -> Any:
        found = await county.service.store.find(Petition, {"source_id": event})
        return [(item.grid_code, item.community_id, item.street_id) for item in found]

    told = {"gridEventId": event, "gridCode": row.code(1), "communityId": "community-1", "categoryCode": "040101"}
    reported = told | {"foundAt": "2023-05-01T00:00:00Z", "location": row.point(1)}
    await prove_arrow(
        county.service,
        Told("grid", "grid_event.reported", event, reported),
        seen,
        [(row.code(5), "community-1", "street-1")],
        unknown={"gridEventId": fresh("other"), "gridCode": "a grid to come"},
    )


async def test_a_grid_without_a_successor_keeps_what_was_found_in_it(county: Any) -> None:
    """Nor do two grids that name each other keep anyone busy."""
    row = Row(county, 82, 118.37)
    await row.create(1)
    await row.retire(1)
    await row.create(2)
    await row.create(3)
    await row.retire(2, 3)
    await row.retire(3, 2)
    for digit in (1, 2):
        found = {"gridCode": row.code(digit), "communityId": "community-1", "categoryCode": "040101"}
        event = fresh("grid-event")
        reported = found | {"gridEventId": event, "foundAt": "2023-05-01T00:00:00Z"}
        await county.service.receive("grid", "grid_event.reported", event, reported)
        (petition,) = await county.service.store.find(Petition, {"source_id": event})
        assert petition.grid_code == row.code(digit)


async def test_a_successor_that_was_retired_first_is_passed_over(county: Any) -> None:
    """Events of two grids come in any order."""
    row = Row(county, 83, 118.38)
    await row.create(1)
    await row.create(2)
    await row.create(3)
    petition_id = await row.submit(1)
    await row.retire(2, 3)
    await row.retire(1, 2)
    assert await row.code_of(petition_id) == row.code(3)


@pytest.fixture
def late(county: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, Any], Any]:
    """Let a command decide, let something else happen, and only then let the command commit."""

    async def together(command: Any, meanwhile: Any) -> Any:
        decided, happened = asyncio.Event(), asyncio.Event()
        commit = county.service.store.commit

        async def wait(work: Commit) -> None:
            if not decided.is_set():
                decided.set()
                await happened.wait()
            await commit(work)

        monkeypatch.setattr(county.service.store, "commit", wait)
        running = asyncio.create_task(command)
        await decided.wait()
        await meanwhile
        happened.set()
        return await running

    return together


async def test_a_petition_that_was_submitted_into_a_grid_just_retired_is_taken_up_in_its_successor(
    county: Any, late: Callable[[Any, Any], Any]
) -> None:
    row = Row(county, 84, 118.16)
    await row.create(1)
    await row.create(2)
    petition_id = await late(row.submit(1), row.retire(1, 2))
    assert await row.code_of(petition_id) == row.code(1)
    await county.act("acceptPetition", county.dispatcher, id=petition_id)
    assert await row.code_of(petition_id) == row.code(2)
    rerouted = [one.data for one in await county.service.published("petition.rerouted") if one.subject == petition_id]
    assert [(data["fromGrid"], data["gridCode"]) for data in rerouted] == [(row.code(1), row.code(2))]


async def test_a_petition_that_triage_puts_into_a_grid_just_retired_is_dispatched_in_its_successor(
    county: Any, late: Callable[[Any, Any], Any]
) -> None:
    row = Row(county, 85, 118.18)
    await row.create(1)
    await row.create(2)
    await row.create(3)
    petition_id = await row.submit(3)
    await county.act("acceptPetition", county.dispatcher, id=petition_id)
    triage = county.act("triagePetition", county.dispatcher, id=petition_id, gridCode=row.code(1), level="GRID")
    await late(triage, row.retire(1, 2))
    assert await row.code_of(petition_id) == row.code(1)
    order = await county.act("dispatchWorkOrder", county.dispatcher, "gridCode unit { id }", petitionId=petition_id)
    assert order == {"gridCode": row.code(2), "unit": {"id": f"id-{row.code(2)}"}}
