"""The database of points is destroyed and restored from a backup: what the broker still holds comes back, once."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from govkit.bus.envelope import Envelope
from govkit.domain import FixedClock, Role
from govkit.operations import restore
from govkit.operations.cli import events_command_line
from govkit.operations.places import group_places, set_back
from govkit.operations.safekeeping import add_lost, add_safekeeping
from govkit.operations.target import OperationError, Target
from govkit.testing.bus import read_topic, until
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer
from points.domain.passbook import passbook_id_of
from points.service import SERVICE
from points.settings import PointsSettings

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"
SECRET = "a secret for tests only"


class Operator:
    """Gives commands to the service of these settings, as on its command line."""

    def __init__(self, settings: PointsSettings):
        self.settings = settings

    def target(self) -> AbstractAsyncContextManager[Target]:
        return SERVICE.target(self.settings)

    async def give(self, *arguments: str | Path) -> Result:
        cli = typer.Typer()
        add_safekeeping(cli, self)
        events = events_command_line(self)
        add_lost(events, self)
        cli.add_typer(events, name="events")
        return await asyncio.to_thread(lambda: CliRunner().invoke(cli, [str(argument) for argument in arguments]))

    async def done(self, *arguments: str | Path) -> list[str]:
        result = await self.give(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    async def refused(self, *arguments: str | Path) -> str:
        result = await self.give(*arguments)
        assert result.exit_code == 1, result.output
        return result.stderr.strip()


async def attend(service: RunningService, resident: str) -> str:
    """Somebody took part in an event of two hours: worth 2 points. The event's id."""
    id = uuid4().hex[:8]
    await service.receive(
        "red-partner",
        "event_attendance.confirmed",
        f"attendance-{id}",
        {
            "eventId": id,
            "residentId": resident,
            "minutes": 120,
            "ruleCode": "VOLUNTEER_HOUR",
            "communityId": COMMUNITY,
        },
    )
    return id


async def freeze(shop: "Shop", resident: str) -> None:
    """And back: two events of a record that is there for long."""
    for command in ("freezePassbook", "unfreezePassbook"):
        input_type = f"{command[0].upper()}{command[1:]}Input!"
        document = f"mutation($i: {input_type}) {{ {command}(input: $i) {{ id }} }}"
        values = {"id": passbook_id_of(resident), "reason": "核对"}
        await shop.service.data(document, {"i": values}, shop.issuer.token(Role.POINTS_REVIEWER, sub="reviewer"))


async def out_of_power(*_: Any) -> None:
    raise OperationError("out of power")


async def balances(shop: "Shop", residents: list[str]) -> list[int]:
    return [sum(grant.change for grant in await shop.grants_of(resident)) for resident in residents]


async def test_destroyed_and_restored(
    infrastructure: "Infrastructure",
    issuer: Issuer,
    clock: FixedClock,
    shop_of: "Callable[[RunningService], Shop]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prefix, database = f"test-{uuid4().hex[:12]}", f"test_{uuid4().hex[:12]}"
    file = tmp_path / "points.backup"
    operator = Operator(
        PointsSettings.model_validate(
            {
                "service_port": 1,
                "mongodb_uri": infrastructure.mongodb_uri,
                "mongodb_database": database,
                "kafka_bootstrap_servers": infrastructure.kafka_bootstrap_servers,
                "topic_prefix": prefix,
                "jwks_url": issuer.jwks_url,
                "jwt_issuer": ISSUER,
                "jwt_audience": AUDIENCE,
                "pickup_code_secret": SECRET,
            }
        )
    )

    def served() -> AbstractAsyncContextManager[RunningService]:
        settings: dict[str, Any] = {"pickup_code_secret": SECRET, "mongodb_database": database}
        return running(SERVICE, infrastructure, issuer, prefix, clock=clock, **settings)

    early, both, late = residents = ["early", "both", "late"]
    async with served() as first:
        shop = shop_of(first)
        await shop.legislate()
        await shop.furnish()
        await shop.receive(shop.soap, 9)
        for resident in (early, early, both):
            await attend(first, resident)
        said = await operator.done("backup", file)
        assert said[-1].endswith(str(file))
        assert file.stat().st_mode & 0o777 == 0o600
        assert await operator.refused("backup", file) == f"backup: {file} is there already"

        for resident in (both, late):
            await attend(first, resident)
        await shop.fulfil(await shop.reserve(early, shop.order(shop.soap)))
        # One passbook that the backup has, and one that will be opened anew.
        await freeze(shop, early)
        await freeze(shop, late)
        assert await balances(shop, residents) == [2, 4, 2]
        before = await first.published()
        assert (await operator.refused("restore", file, "--apply")).endswith(
            f"{database} is not empty: a backup is restored into an empty database only"
        )
    # The end of `running` has dropped the database.

    clock.present = clock.present.replace(day=clock.present.day + 1)
    said = await operator.done("restore", file)
    assert said[-1].startswith("dry run")
    damaged = tmp_path / "damaged"
    damaged.write_bytes(file.read_bytes()[:-200])
    assert "restore:" in await operator.refused("restore", damaged, "--apply")
    # Interrupted when the rows were there and the numbering was not, and given again.
    with monkeypatch.context() as patched:
        patched.setattr(restore, "_number_on", out_of_power)
        assert await operator.refused("restore", file, "--apply") == "restore: out of power"
    async with operator.target() as target:
        assert not (await target.migrations.look()).fits
    said = await operator.done("restore", file, "--apply")
    # Offsets follow effects by a moment, so those of the backup may be some events behind it.
    again = re.compile(rf"{prefix}\.red-partner\.events: [2-5] events since then to take effect again")
    assert any(map(again.fullmatch, said)), said

    async with served() as second:
        shop.service = second

        async def caught_up() -> bool:
            return await balances(shop, residents) == [4, 4, 2]

        await until(caught_up)
        await shop.require_sound_ledger()
        # What the command did is not in the ledger any more, and is told to be lost.
        lost = [orjson.loads(line) for line in await operator.done("events", "lost", "--json")]
        assert {row["type"].split(".", 2)[-1] for row in lost} >= {"points.redeemed.v1", "redemption.fulfilled.v1"}
        granted = {event.id for event in before if event.type == "cn.lanling.points.granted.v1"}
        assert not granted & {row["id"] for row in lost}

        # It goes on: the resident redeems again, the number of every event is a new one.
        await shop.fulfil(await shop.reserve(early, shop.order(shop.soap)))
        await attend(second, late)
        await freeze(shop, early)
        await freeze(shop, late)
        assert await balances(shop, residents) == [2, 4, 4]
        await shop.require_sound_ledger()
        async with operator.target() as target:
            with pytest.raises(OperationError, match="stop every process of the service first"):
                await set_back(target, await group_places(target))
        after = await second.published()
        records = await read_topic(infrastructure.kafka_bootstrap_servers, f"{prefix}.points.events", len(after))

    events = {event.id: event for event in (Envelope.from_json(record.value) for record in records)}
    places = Counter((event.subject, event.sequence) for event in events.values())
    assert max(places.values()) == 1, "a sequence that subscribers had seen was used again"
    for subject in {event.subject for event in events.values()}:
        numbers = sorted(event.sequence for event in events.values() if event.subject == subject)
        assert numbers == list(range(1, len(numbers) + 1))
    facts = Counter(event.data["sourceId"] for event in events.values() if event.type == "cn.lanling.points.granted.v1")
    assert len(facts) == 6
    assert max(facts.values()) == 1, "points were told twice"
