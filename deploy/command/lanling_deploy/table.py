"""What `status` and `history` show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lanling_deploy.configuration import names
from lanling_deploy.journal import Entry
from lanling_deploy.world import World

Row = tuple[str, ...]


def status_rows(world: World) -> list[Row]:
    """Service, version, containers that run, address, health."""
    rows: list[Row] = []
    for service in names():
        live = world.journal.county.live.get(service)
        if live is None:
            route = world.configuration.routes.get(service, "")
            rows.append((service, "", "", route, "runs otherwise" if route else "not deployed"))
            continue
        found = world.containers_of(live)
        running = [one for one in found if one.is_running]
        reasons = [reason for one in running if (reason := world.probe.readiness(one.address))]
        health = reasons[0] if reasons else "ready" if len(running) == len(live.ports) else "does not run"
        count = f"{len(running)} of {len(live.ports)}"
        rows.append((service, live.version, count, f"{live.host}:{live.ports[0]}", health))
    return rows


def history_rows(entries: Sequence[Entry], service: str = "") -> list[Row]:
    """When, what, in the place of what, outcome, seconds; the last one first."""
    rows: list[Row] = []
    current: dict[str, Any] = {}
    for entry in entries:
        match entry["kind"]:
            case "begun":
                current = {"at": entry["at"], **entry["deployment"], "seconds": 0.0, "reason": ""}
            case "step":
                current["seconds"] += entry["seconds"]
            case "failed":
                current["reason"] = entry["reason"]
            case "ended":
                outcome = "done" if entry["done"] else f"rolled back: {current['reason']}"
                rows.append(_row(current, outcome))
                current = {}
            case "scaled":
                one = entry["release"]
                count = f"{len(one['ports'])} containers"
                rows.append((entry["at"], one["service"], one["version"], "", count, ""))
    if current:
        rows.append(_row(current, "not ended: the next command sees to it"))
    return [row for row in reversed(rows) if service in ("", row[1])]


def _row(one: dict[str, Any], outcome: str) -> Row:
    old = one["old"]["version"] if one["old"] else ""
    return one["at"], one["new"]["service"], one["new"]["version"], old, outcome, f"{one['seconds']:.1f}"
