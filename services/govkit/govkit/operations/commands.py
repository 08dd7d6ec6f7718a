"""What each command says and does: look, tell, and with `apply` do it under the eyes of the journal."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from govkit.bus.failures import Reason
from govkit.domain.aggregate import Aggregate
from govkit.domain.ports import new_id
from govkit.operations import screen
from govkit.operations.drop import Part, drop_part, droppable
from govkit.operations.journal import Order, begun_before, noted
from govkit.operations.parked import Group, Selection, groups, meaning, one, shown, subjects
from govkit.operations.progress import progress
from govkit.operations.rebuild import Rebuild
from govkit.operations.replay import from_offset_zero
from govkit.operations.republish import Span, kept
from govkit.operations.republish import republish as publish_again
from govkit.operations.retry import retry_subject
from govkit.operations.set_aside import Chosen, bring_back, set_aside
from govkit.operations.shadow import Shadow
from govkit.operations.skip import missing, skip_missing
from govkit.operations.snapshot import snapshot as publish_state
from govkit.operations.status import status as figures
from govkit.operations.target import Target, WrongUsage

DONE, NOT_ALL, DIFFERENT = 0, 1, 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a command was given. `run` names the run to go on with; a new one if none."""

    apply: bool = False
    by: str
    run: str | None = None

    def order(self, command: str, selection: dict[str, object], reason: str | None = None) -> Order:
        return Order(
            run=self.run or new_id(),
            resumes=self.run is not None,
            command=command,
            by=self.by,
            selection=selection,
            reason=reason,
        )


async def list_parked(target: Target, selection: Selection, as_json: bool) -> int:
    found = await groups(target.store.database, selection)
    if as_json:
        screen.say(orjson.dumps([group.as_json() for group in found]).decode())
    else:
        screen.parked(found)
    return DONE


async def show(target: Target, id: str) -> int:
    screen.say(shown(await one(target.store.database, id)).decode())
    return DONE


async def retry(target: Target, asked: Asked, selection: Selection) -> int:
    found = await groups(target.store.database, selection)
    if not found:
        return _nothing_chosen()
    keys = subjects(found)
    if records := sum(group.rows for group in found if group.key is None):
        screen.say(f"{records} records are no events: they can only be dropped")
    if not asked.apply:
        for group in found:
            if group.key is not None:
                screen.say(f"would retry {_described(group)}")
        return screen.dry_run()
    stopped = 0
    async with noted(target.store.database, asked.order("retry", selection.given)) as run:
        with progress("subjects", len(keys)) as advance:
            for key in keys:
                outcome = await retry_subject(target, run, key)
                advance(1)
                screen.say(f"{key}: {outcome.events} events applied{_stop(outcome.stopped_at, outcome.why)}")
                stopped += outcome.why is not None
    return NOT_ALL if stopped else DONE


def _nothing_chosen() -> int:
    screen.say("nothing that is parked fits; `list` shows what there is")
    return DONE


def _described(group: Group) -> str:
    first, last = group.sequences
    return f"{group.key}: from sequence {first} to {last}, {group.first['type']}, {meaning(group.first['reason'])}"


def _stop(sequence: int | None, why: str | None) -> str:
    return f", stopped at sequence {sequence}: {why}" if why else ""


async def drop(target: Target, asked: Asked, selection: Selection, reason: str) -> int:
    parts = await droppable(target.store.database, selection)
    if not parts:
        return _nothing_chosen()
    behind = sum(part.behind for part in parts)
    if not asked.apply:
        for part in parts:
            _say_would_drop(part)
        screen.say(f"{behind} events stay parked behind them")
        return screen.dry_run()
    async with noted(target.store.database, asked.order("drop", selection.given, reason)) as run:
        with progress("dropped", sum(len(part.ids) for part in parts)) as advance:
            for part in parts:
                await drop_part(target, run, part, advance)
    screen.say(f"{run.counts.get('rows', 0)} dropped; {behind} events are parked behind them")
    if missing := run.counts.get("missing"):
        screen.say(f"{missing} missing events before them given up, too")
    if applied := run.counts.get("applied"):
        screen.say(f"{applied} had taken effect already: only their rows were removed")
    return DONE


def _say_would_drop(part: Part) -> None:
    for row in part.applied:
        screen.say(f"would remove {row['_id']} {row['type']}: it has taken effect already")
    for gap in part.missing:
        screen.say(f"would give up {part.key}: {gap} are missing")
    for row in part.rows:
        screen.say(f"would drop {row['_id']} {row['type'] or ''} {row['reason']}")


async def skip(target: Target, asked: Asked, subject: str | None, reason: str) -> int:
    selection = Selection(reason=Reason.GAP.name, subject=subject)
    keys = subjects(await groups(target.store.database, selection))
    gaps = [gap for gap in [await missing(target.store.database, key) for key in keys] if gap]
    if not gaps:
        screen.say("no parked event that fits waits for missing ones")
        return DONE
    for gap in gaps:
        screen.say(f"{gap.key}: {gap} are missing")
    if not asked.apply:
        return screen.dry_run()
    async with noted(target.store.database, asked.order("skip", selection.given, reason)) as run:
        with progress("subjects", len(gaps)) as advance:
            for gap in gaps:
                await skip_missing(target, run, gap.key)
                advance(1)
        await run.save()
    screen.say(f"{run.counts.get('events', 0)} missing events given up")
    return DONE


async def republish(target: Target, asked: Asked, span: Span) -> int:
    span = span.of(target.source)
    found = await kept(target.store.database, span)
    screen.say(f"{found.events} published events of {found.aggregates} aggregates are kept in the outbox")
    if found.begun_later:
        screen.say(f"of {found.begun_later} aggregates the first events are no longer kept; the topic has them")
    order = asked.order("republish", span.given)
    if not await _something_is_left(target, order):
        return DONE
    if not asked.apply:
        return screen.dry_run()
    async with noted(target.store.database, order) as run:
        screen.say(f"run {order.run}")
        with progress("events", found.events) as advance:
            advance(run.counts.get("events", 0))
            await publish_again(target, run, span, advance)
        screen.say(f"{run.counts.get('events', 0)} events published again")
    return DONE


async def _something_is_left(target: Target, order: Order) -> bool:
    """Tells how far the run is that is to go on. Raises OperationError when there is no such run."""
    before = await begun_before(target.store.database, order)
    if before is None:
        return True
    if before["state"] == "DONE":
        screen.say(f"run {order.run} is done: nothing is left of it")
        return False
    screen.say(f"run {order.run} goes on behind {before['counts'].get('events', 0)} of them")
    return True


async def snapshot(target: Target, asked: Asked, types: Sequence[str]) -> int:
    chosen = _types(target, types)
    total = sum([await target.store.count(cls, {}) for cls in chosen])
    screen.say(f"{total} records of {', '.join(cls.__name__ for cls in chosen)}")
    order = asked.order("snapshot", {"types": [cls.__name__ for cls in chosen]})
    if not await _something_is_left(target, order):
        return DONE
    if not asked.apply:
        return screen.dry_run()
    async with noted(target.store.database, order) as run:
        screen.say(f"run {order.run}")
        with progress("records", total) as advance:
            advance(run.counts.get("events", 0))
            await publish_state(target, run, chosen, advance)
        screen.say(f"{run.counts.get('events', 0)} snapshots committed")
    return DONE


def _types(target: Target, names: Sequence[str]) -> list[type[Aggregate]]:
    known = target.store.types
    if unknown := set(names) - known.keys():
        raise WrongUsage(f"no type {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    return [known[name] for name in sorted(set(names) or known)]


async def rebuild(target: Target, asked: Asked, only: Sequence[str]) -> int:
    order = asked.order("rebuild", {"projections": sorted(set(only))})
    shadow = Shadow(target.store.database, order.run)
    work = Rebuild(target, shadow, only)
    if not work.collections:
        screen.say("this service has no projections")
        return DONE
    try:
        async with from_offset_zero(target.broker, target.heard) as replay:
            with progress("records", await replay.left()) as advance:
                compared = await work.compare(replay, advance)
            for item in compared:
                screen.say(str(item))
            different = [item.name for item in compared if not item.equal]
            if not asked.apply:
                screen.dry_run()
                return DIFFERENT if different else DONE
            async with noted(target.store.database, order) as run:
                run.counts = {"events": work.events, "projections": len(compared), "different": len(different)}
                await run.save()
                if different:
                    with progress("records", await replay.left()) as advance:
                        waited = await work.switch(replay, different, order.run, advance)
                    run.counts |= {"switched": len(different), "milliseconds": waited}
                await run.save()
            for name in different:
                screen.say(f"projection {name} switched")
            if different:
                screen.say(f"effects waited {waited} ms; restart the service's processes: they may remember old rows")
    finally:
        await shadow.drop()
    return DONE


async def status(target: Target, as_json: bool) -> int:
    found, silence = await figures(target)
    if as_json:
        screen.say(orjson.dumps([vars(figure) for figure in found]).decode())
    else:
        screen.figures(found)
    if silence is not None:
        raise silence
    return DONE


async def list_set_aside(target: Target, chosen: Chosen, as_json: bool) -> int:
    found = await set_aside(target.store, chosen)
    if as_json:
        screen.say(orjson.dumps(found).decode())
    else:
        screen.set_aside(found)
    return DONE


async def retry_due(target: Target, asked: Asked, chosen: Chosen) -> int:
    found = await set_aside(target.store, chosen)
    if not asked.apply:
        screen.set_aside(found)
        return screen.dry_run()
    async with noted(target.store.database, asked.order("due retry", chosen.given)) as run:
        await bring_back(target.store, run, found)
    screen.say(f"{run.counts.get('rows', 0)} are tried again")
    return DONE
