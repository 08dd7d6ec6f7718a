"""The running service with one community, a clock that tests move, and the steps up to a published event."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from govkit.domain import FixedClock, Role
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from red_partner.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

NOW = datetime(2023, 5, 1, 1, 0, tzinfo=UTC)
NUMBERS = count(1)


@dataclass
class County:
    """Commands as their users give them. `clock` is the service's."""

    service: RunningService
    issuer: Issuer
    clock: FixedClock

    async def prepare(self) -> "County":
        await self.service.receive(
            "organization",
            "community.established",
            "c1",
            {"communityId": "c1", "code": "371324001001", "streetId": "s1"},
        )
        return self

    @property
    def staff(self) -> str:
        """The secretary of the community."""
        return self.issuer.token(Role.COMMUNITY_SECRETARY, sub="staff", scope={"communityIds": ["c1"]})

    def resident(self, id: str) -> str:
        return self.issuer.token(Role.RESIDENT, sub=id, scope={})

    def partner(self, id: str) -> str:
        return self.issuer.token(Role.PARTNER, sub=f"owner-{id}", scope={"partnerId": id})

    async def give(self, mutation: str, token: str, fields: str = "id state", /, **input: Any) -> Any:
        """The record that the command answers."""
        return (await self.service.data(*command(mutation, fields, input), token))[mutation]

    async def refusal(self, mutation: str, token: str, /, **input: Any) -> str:
        return await self.service.refusal(*command(mutation, "id", input), token)

    async def together(self, *calls: tuple[str, str, dict[str, Any]]) -> list[str]:
        """States or error codes of (mutation, token, input) given at the same time."""
        answers = await asyncio.gather(
            *(self.service.query(*command(name, "state", input), token) for name, token, input in calls)
        )
        return [outcome(answer) for answer in answers]

    async def active_partner(self, **changes: Any) -> str:
        given = {"name": "车行", "category": "BICYCLE", "kind": "STREET_SHOP", "communityId": "c1"} | changes
        partner_id = str((await self.give("applyPartner", self.staff, **given))["id"])
        await self.give("startReview", self.staff, id=partner_id)
        await self.give("approvePartner", self.staff, id=partner_id)
        return partner_id

    async def draft(self, partner_id: str, **changes: Any) -> str:
        """A draft of two hours, three hours from now, with a theme of its own."""
        starts = self.clock.now() + timedelta(hours=3)
        given = {
            "title": "骑乐无穷",
            "themeKey": f"theme-{next(NUMBERS)}",
            "communityId": "c1",
            "partnerIds": [partner_id],
            "startsAt": starts.isoformat(),
            "endsAt": (starts + timedelta(hours=2)).isoformat(),
            "capacity": 30,
        }
        return str((await self.give("createEvent", self.staff, **given | changes))["id"])

    async def event(self, partner_id: str, **changes: Any) -> str:
        event_id = await self.draft(partner_id, **changes)
        await self.give("publishEvent", self.staff, id=event_id)
        return event_id

    async def register(self, event_id: str, resident: str) -> str:
        made = await self.give("registerForEvent", self.resident(resident), eventId=event_id)
        return str(made["id"])


def command(mutation: str, fields: str, input: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    type_name = f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"mutation($i: {type_name}!) {{ {mutation}(input: $i) {{ {fields} }} }}", {"i": input}


def outcome(answer: Any) -> str:
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    (record,) = answer["data"].values()
    return str(record["state"])


@pytest_asyncio.fixture
async def county(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[County]:
    clock = FixedClock(NOW)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, clock=clock) as service:
        yield await County(service, issuer, clock).prepare()
