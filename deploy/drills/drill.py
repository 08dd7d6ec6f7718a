"""Failure drills against the county of `make run`: do something bad, see what should be seen, put it back.

    make drill NAME=kafka-away

Each says what it does and what it checks; exit code 1 when something was not as it should be. It leaves what was there
as it was, but for a few records named "演练 Drill", and for the poison event, which a topic keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from os import kill
from typing import Any

from aiokafka import AIOKafkaProducer
from running import DrillError, Running, eventually, freeze, thaw

SIX = ("organization", "grid", "petition", "points", "red-partner", "new-employment-group")
TWO_SERVICES = "{ %sStatistics { %s } organizationStatistics { communities } }"


def say(line: str) -> None:
    print(line, flush=True)


def do(line: str) -> None:
    say(f"  do    {line}")


def seen(line: str) -> None:
    say(f"  seen  {line}")


def check(what: str, is_so: bool) -> None:
    if not is_so:
        raise DrillError(f"should be, and is not: {what}")
    seen(what)


def kafka_away(county: Running) -> None:
    """The broker hangs: commands succeed, events wait; it comes back, and everything arrives."""
    before = applied(county)
    pid = county.kafka
    with ExitStack() as back:
        do("freeze the broker")
        freeze(pid)
        back.callback(thaw, pid)
        slowest = max(county.command() for _ in range(5))
        seen(f"5 commands succeed, the slowest in {slowest * 1000:.0f} ms")
        eventually("the outbox grows", lambda: county.metric("organization", "outbox_backlog") >= 5)
        seen("5 events wait in the outbox of organization")
        check("every service stays ready", all(county.is_ready(name) for name in SIX))
        do("let the broker go on")
    took = eventually("the outbox drains", lambda: county.metric("organization", "outbox_backlog") == 0, 120)
    seen(f"the outbox is empty after {took:.1f} s")
    took = eventually("points applies the 5 events", lambda: applied(county) >= before + 5, 120)
    eventually("nobody is behind", lambda: sum(county.metric(name, "inbox_lag") for name in SIX) == 0, 120)
    seen(f"points has applied them after {took:.1f} s more; nobody is behind")


def applied(county: Running) -> float:
    """Events whose effects points has."""
    return county.metric("points", "inbox_events_total", result="APPLIED")


def service_killed(county: Running) -> None:
    """A service dies: its fields are null with a code, all others answer; it is started again and catches up."""
    document = TWO_SERVICES % ("grid", "baseGrids")
    do("kill grid")
    kill(county.process_of("grid"), signal.SIGKILL)
    missing_only(county.ask(document), "grid")
    county.command()
    seen("a command of another service succeeds meanwhile")
    took = eventually("grid is ready again", lambda: county.is_ready("grid"))
    seen(f"grid is started again and ready after {took:.1f} s")
    eventually("the whole answer", lambda: "errors" not in county.ask(document))
    eventually("grid catches up", lambda: county.metric("grid", "inbox_lag") == 0)
    seen("the whole answer is there, and grid is not behind")


def points_away(county: Running) -> None:
    """A service hangs, which is worse than dead: the gateway gives it up in time and answers the rest."""
    document = TWO_SERVICES % ("points", "supermarkets")
    pid = county.process_of("points")
    with ExitStack() as back:
        do("freeze points; the gateway waits 10 s for a service")
        freeze(pid)
        back.callback(thaw, pid)
        missing_only(county.ask(document), "points")
        county.command()
        seen("a command of another service succeeds meanwhile")
        do("let points go on")
    took = eventually("the whole answer", lambda: "errors" not in county.ask(document))
    seen(f"the whole answer is there after {took:.1f} s")
    eventually("points catches up", lambda: county.metric("points", "inbox_lag") == 0)
    seen("points is not behind")


def missing_only(answer: dict[str, Any], service: str) -> None:
    if not answer.get("data"):
        raise DrillError(f"no partial answer: {answer.get('errors')}")
    errors = answer.get("errors", [])
    check("organization's part is answered", bool(answer["data"]["organizationStatistics"]["communities"]))
    codes = {(error["extensions"].get("service"), error["extensions"]["code"]) for error in errors}
    check(
        f"{service}'s part is null, with GEN_DEPENDENCY_UNAVAILABLE", codes == {(service, "GEN_DEPENDENCY_UNAVAILABLE")}
    )


def poison_event(county: Running) -> None:
    """An event that nobody can apply: it is parked, all others flow, an operator drops it."""
    subject = str(uuid.uuid4())

    def parked() -> float:
        return county.metric("petition", "inbox_parked", reason="DATA_UNFIT")

    before, flowed = parked(), applied(county)
    do("publish an event supervisor.appointed without its fields")
    asyncio.run(publish(county, subject))
    took = eventually("petition parks it", lambda: parked() > before)
    seen(f"petition has parked it after {took:.1f} s")
    county.command()
    eventually("others flow", lambda: applied(county) > flowed)
    check("petition stays ready, and is not behind", county.is_ready("petition"))
    eventually("nobody is behind", lambda: sum(county.metric(name, "inbox_lag") for name in SIX) == 0)
    for name in SIX:
        groups = json.loads(county.operate(name, "list", "--subject", subject, "--json"))
        if groups:
            do(f"{name}: events drop --subject {subject}")
            county.operate(name, "drop", "--subject", subject, "--reason", "failure drill", "--by", "drill", "--apply")
    took = eventually("nothing is parked any more", lambda: parked() == before)
    seen(f"nothing of it is parked any more after {took:.1f} s")


async def publish(county: Running, subject: str) -> None:
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/lanling/new-employment-group",
        "type": "cn.lanling.supervisor.appointed.v1",
        "subject": subject,
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": "new-employment-group/cn.lanling.supervisor.appointed.v1.json",
        "partitionkey": subject,
        "sequence": "1",
        "aggregateversion": 1,
        "correlationid": subject,
        "causationid": subject,
        "traceparent": f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01",
        "data": {},
    }
    producer = AIOKafkaProducer(bootstrap_servers=county.infrastructure.kafka_bootstrap_servers)
    await producer.start()
    try:
        value = json.dumps(event).encode()
        await producer.send_and_wait("lanling.new-employment-group.events", value, key=subject.encode())
    finally:
        await producer.stop()


DRILLS: dict[str, Callable[[Running], None]] = {
    "kafka-away": kafka_away,
    "service-killed": service_killed,
    "points-away": points_away,
    "poison-event": poison_event,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Failure drills against the county of `make run`.")
    parser.add_argument(
        "name", choices=[*DRILLS, "all"], help="; ".join(f"{n}: {d.__doc__}" for n, d in DRILLS.items())
    )
    chosen = parser.parse_args().name
    failed = 0
    for name, drill in DRILLS.items():
        if chosen not in (name, "all"):
            continue
        say(f"{name}: {drill.__doc__}")
        try:
            drill(Running())
            say("  passed")
        except DrillError as error:
            say(f"  FAILED: {error}")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
