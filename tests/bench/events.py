"""`python -m bench.events`: the figures of commands and events, one a line, `figure NAME VALUE`.

Real services on a broker and a database of their own. The command is `createResidentUnit` of the organization service:
its check of a reference, aggregate, outbox row, receipt and audit row, in one commit. The effect is the row that the
points service keeps of it. Where one service is under test, it is pinned to one core; clients, broker and database to
the others. Latency is measured with all cores for all.
"""

import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import orjson
from motor.motor_asyncio import AsyncIOMotorClient

from bench.client import drizzle, storm
from bench.processes import PREFIX, Place, cpu_seconds, pin, started
from govkit.bus.envelope import Envelope
from govkit.domain.identity import Role
from govkit.testing.bus import make_envelope, outbox_row
from govkit.testing.tokens import Issuer
from lanling_local.ports import accepts_connections
from lanling_local.stack import Infrastructure, infrastructure
from lanling_local.topics import create_topics

CLIENTS = 48
STORM_SECONDS = 12.0
STORM_COMMANDS = 20_000
RATE = 200.0
RATE_SECONDS = 12.0
DRAIN = 20_000
BACKLOG = 10_000
DOCUMENT = "mutation($input: CreateResidentUnitInput!) { createResidentUnit(input: $input) { id version } }"

Database = Any


def figure(name: str, value: float) -> None:
    print(f"figure {name} {value:.4g}" if value < 100 else f"figure {name} {value:.0f}", flush=True)


def create_unit(run: str) -> Callable[[int], bytes]:
    def body(number: int) -> bytes:
        given = {"name": f"单位 {number}", "communityId": "com-1", "clientMutationId": f"{run}-{number}"}
        return orjson.dumps({"query": DOCUMENT, "variables": {"input": given}})

    return body


class Bench:
    def __init__(self, infra: Infrastructure, directory: Path):
        self.infra = infra
        issuer = Issuer(directory / "issuer")
        self.token = issuer.token(Role.ORG_ADMIN)
        self.organization = Place.of("organization", infra, issuer, directory)
        self.points = Place.of("points", infra, issuer, directory)
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(infra.mongodb_uri, tz_aware=True)
        self.outbox = self.client["bench_organization"]["outbox"]
        cores = sorted(os.sched_getaffinity(0))
        self.cores, self.core, self.others = set(cores), {cores[-1]}, set(cores[:-1]) or set(cores)

    async def prepare(self) -> None:
        await create_topics(self.infra.kafka_bootstrap_servers, prefix=PREFIX)
        await self.client["bench_organization"]["community"].insert_one({"_id": "com-1", "code": "c", "version": 1})

    def make_room(self, service: int) -> None:
        """One core for the service under test, the others for clients, broker and database."""
        pin(service, self.core)
        self.pin_others(self.others)

    def share(self) -> None:
        """All cores for everybody, also for services that are started from now on."""
        self.pin_others(self.cores)

    def pin_others(self, cores: set[int]) -> None:
        for pid in (os.getpid(), *(child.process.pid for child in self.infra.children)):
            pin(pid, cores)

    def seconds_of(self, name: str) -> float:
        """CPU time of `mongodb` or `kafka`; 0 when the environment names one that was not started here."""
        return sum(cpu_seconds(child.process.pid) for child in self.infra.children if child.name == name)

    def spent(self, producer: int, consumer: int) -> dict[str, float]:
        """CPU seconds so far of everybody who has a part in the way from a command to its effect."""
        return {
            "client": cpu_seconds(os.getpid()),
            "producer": cpu_seconds(producer),
            "consumer": cpu_seconds(consumer),
            "mongod": self.seconds_of("mongodb"),
            "kafka": self.seconds_of("kafka"),
        }

    async def ready(self, place: Place) -> None:
        await until(lambda: asyncio.to_thread(accepts_connections, place.port), 30)

    async def waiting(self) -> int:
        return await self.outbox.count_documents({"published": False})

    async def drained(self) -> bool:
        return await self.waiting() == 0

    async def quiet(self) -> bool:
        """Whether the points service knows of every unit that was published."""
        units = len(await self.outbox.distinct("subject", {"subject": {"$ne": "com-1"}}))
        return await self.client["bench_points"]["references"].count_documents({}) >= units

    # --- commands ----------------------------------------------------------------------------------------------------

    async def commands(self) -> None:
        with started(self.organization) as process:
            await self.ready(self.organization)
            self.make_room(process.pid)
            await storm(self.organization.port, self.token, create_unit("warm"), clients=8, seconds=3, limit=400)
            begin, cpu, database = time.monotonic(), cpu_seconds(process.pid), self.seconds_of("mongodb")
            answered = await storm(
                *(self.organization.port, self.token, create_unit(uuid4().hex)),
                clients=CLIENTS,
                seconds=STORM_SECONDS,
                limit=STORM_COMMANDS,
            )
            seconds = time.monotonic() - begin
            figure("commands_per_second", answered / seconds)
            figure("commands_per_cpu_second", answered / (cpu_seconds(process.pid) - cpu))
            figure("command_mongod_cpu_ms", 1000 * (self.seconds_of("mongodb") - database) / answered)
            await until(self.drained, 30)

    # --- latency -----------------------------------------------------------------------------------------------------

    async def latency(self) -> None:
        with started(self.organization) as producer, started(self.points) as consumer:
            await self.ready(self.organization)
            await self.ready(self.points)
            await drizzle(self.organization.port, self.token, create_unit("warm-2"), rate=100, seconds=3)
            await asyncio.sleep(2)
            spent = self.spent(producer.pid, consumer.pid)
            count = await drizzle(
                self.organization.port, self.token, create_unit(uuid4().hex), rate=RATE, seconds=RATE_SECONDS
            )
            await until(self.drained, 30)
            for name, seconds in self.spent(producer.pid, consumer.pid).items():
                figure(f"latency_{name}_cpu_ms", 1000 * (seconds - spent[name]) / count)
            await asyncio.sleep(1)
            committed, applied = self.organization.noted()["committed"], self.points.noted()["applied"]
            latest = sorted(committed, key=committed.__getitem__)[-count:]
            times = sorted(1000 * (applied[id] - committed[id]) for id in latest)
            figure("commit_to_effect_p50_ms", statistics.median(times))
            figure("commit_to_effect_p99_ms", times[int(len(times) * 0.99)])

    # --- backlogs ----------------------------------------------------------------------------------------------------

    async def store_backlog(self, subjects: int, events: int) -> None:
        """Events of units, in the outbox as commits leave them, that nobody has published."""
        run = uuid4().hex
        rows = [outbox_row(unit_event(f"{run}-{n % subjects}", n // subjects + 1)) for n in range(events)]
        for start in range(0, events, 2000):
            await self.outbox.insert_many(rows[start : start + 2000], ordered=False)

    async def drain(self, name: str, subjects: int) -> None:
        """How fast a service that runs publishes what it finds, from the first row published to the last one."""
        with started(self.organization) as process:
            await self.ready(self.organization)
            self.make_room(process.pid)
            await asyncio.sleep(1)
            os.kill(process.pid, signal.SIGSTOP)  # the backlog grows unseen
            await self.store_backlog(subjects, DRAIN)
            cpu, database, broker = cpu_seconds(process.pid), self.seconds_of("mongodb"), self.seconds_of("kafka")
            begin = time.monotonic()
            os.kill(process.pid, signal.SIGCONT)
            await until(self.drained, 60)
            figure(f"{name}_per_second", DRAIN / (time.monotonic() - begin))
            figure(f"{name}_per_cpu_second", DRAIN / (cpu_seconds(process.pid) - cpu))
            figure(f"{name}_mongod_cpu_seconds", self.seconds_of("mongodb") - database)
            figure(f"{name}_kafka_cpu_seconds", self.seconds_of("kafka") - broker)

    async def restart(self) -> None:
        """A service is killed with a backlog and starts again: until its last event is published and marked."""
        process = self.organization.start()
        await self.ready(self.organization)
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGSTOP)
        await self.store_backlog(BACKLOG, BACKLOG)
        self.organization.kill()
        begin = time.monotonic()
        with started(self.organization) as process:
            await self.ready(self.organization)
            figure("restart_start_seconds", time.monotonic() - begin)
            figure("restart_start_cpu_seconds", cpu_seconds(process.pid))
            await until(self.drained, 60)
            figure("restart_catch_up_seconds", time.monotonic() - begin)

    async def consumer(self) -> None:
        """The points service is killed; then it starts again and works off what it has missed."""
        references = self.client["bench_points"]["references"]
        with started(self.organization):
            self.points.start()
            await self.ready(self.points)
            await self.store_backlog(1, 1)
            await until(self.drained, 30)
            await until(self.quiet, 60)
            self.points.kill()
            known = await references.count_documents({})
            await self.store_backlog(BACKLOG, BACKLOG)
            await until(self.drained, 60)
        begin, wall = time.monotonic(), time.time()
        with started(self.points) as process:
            self.make_room(process.pid)

            async def caught_up() -> bool:
                return await references.count_documents({}) >= known + BACKLOG

            await until(caught_up, 90)
            figure("consumer_restart_catch_up_seconds", time.monotonic() - begin)
            times = sorted(at for at in self.points.noted()["applied"].values() if at > wall)
            times = times[-BACKLOG:]
            figure("consumer_events_per_second", len(times) / max(times[-1] - times[0], 0.001))
            figure("consumer_events_per_cpu_second", len(times) / cpu_seconds(process.pid))


def unit_event(subject: str, sequence: int) -> Envelope:
    made = make_envelope(subject, sequence, "cn.lanling.resident_unit.registered.v1", residentUnitId=subject)
    return replace(made, source="/lanling/organization")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition never came")
        await asyncio.sleep(0.05)


async def run(bench: Bench, names: list[str]) -> None:
    parts = {
        "commands": bench.commands,
        "latency": bench.latency,
        "drain": lambda: bench.drain("drain_events", DRAIN // 5),
        "drain-one": lambda: bench.drain("drain_one_subject_events", 1),
        "restart": bench.restart,
        "consumer": bench.consumer,
    }
    await bench.prepare()
    for name in names or list(parts):
        bench.share()
        await parts[name]()


def main() -> None:
    with TemporaryDirectory(prefix="lanling-bench-") as directory, infrastructure(Path(directory)) as infra:
        asyncio.run(run(Bench(infra, Path(directory)), sys.argv[1:]))


if __name__ == "__main__":
    main()
