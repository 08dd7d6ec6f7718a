"""Does to the county what the plan says, a few things at a time, and starts again what died.

A fault is a generator: it acts, and yields while it waits. `tick` goes once over all that are under way.
"""

import json
import signal
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from govkit.steps import Step
from lanling_local.errors import StackError
from lanling_local.parts import Part
from lanling_local.processes import Child, relevant_lines
from reliability.orders import Order
from reliability.plan import Fault, Planned
from reliability.stack import Processes, Servers

AT_ONCE = 2
ORDER_SECONDS = 60.0
READY_SECONDS = 180.0
PAUSE_SECONDS = 15.0
STAY_SECONDS = 3.0
UNEXPECTED_ENDS = 20
"""So many parts may die unasked, and as many more as there are faults; more than that is a defect."""
Waiting = Generator[None, None, None]


class Faults:
    """`tick` until `done`; then `finish`."""

    def __init__(self, processes: Processes, servers: Servers | None, planned: Sequence[Planned], record: Path) -> None:
        self._processes = processes
        self._servers = servers
        self._planned = list(planned)
        self._parts = {part.name: part for part in processes.configuration.services}
        self._record = record
        self._most_unexpected_ends = UNEXPECTED_ENDS + len(planned)
        self._under_way: dict[str, Waiting] = {}
        self._mine: set[Part] = set()
        self.unexpected_ends = 0
        self.unreached: list[str] = []

    @property
    def left(self) -> int:
        return len(self._planned) + len(self._under_way)

    @property
    def done(self) -> bool:
        return not self._planned and not self._under_way

    def tick(self, progress: float) -> None:
        """Begin what is due, go on with what is under way, start again what died by itself. Raises StackError."""
        self._begin(progress)
        for name, waiting in list(self._under_way.items()):
            try:
                next(waiting)
            except StopIteration:
                del self._under_way[name]
        self._restart_dead()

    def finish(self) -> None:
        """Take back all orders, so that nothing dies any more."""
        for part in self._parts.values():
            self._processes.order(part, None)

    def _begin(self, progress: float) -> None:
        while self._planned and self._planned[0].after <= progress and len(self._under_way) < AT_ONCE:
            where = self._where(self._planned[0])
            if where in self._under_way:
                return
            self._under_way[where] = self._do(self._planned.pop(0))

    def _where(self, planned: Planned) -> str:
        if planned.fault is Fault.GATEWAY_KILL:
            return "gateway"
        if planned.fault in (Fault.BROKER_KILL, Fault.BROKER_RESTART):
            return "kafka"
        if planned.fault in (Fault.DATABASE_KILL, Fault.DATABASE_RESTART):
            return "mongodb"
        return planned.part

    def _do(self, planned: Planned) -> Waiting:
        fault, where = planned.fault, self._where(planned)
        if fault is Fault.KILL and planned.step:
            return self._kill_at(self._parts[where], Order("kill", planned.step, planned.times))
        if fault is Fault.PAUSE:
            return self._pause(self._parts[where])
        if fault is Fault.REBALANCE:
            return self._rebalance(self._parts[where])
        if fault is Fault.GATEWAY_KILL:
            return self._kill_gateway()
        how = signal.SIGKILL if fault in (Fault.BROKER_KILL, Fault.DATABASE_KILL) else signal.SIGTERM
        return self._end_server(where, how, fault.name.lower())

    # --- the faults --------------------------------------------------------------------------------------------------

    def _kill_at(self, part: Part, order: Order) -> Waiting:
        yield from self._until_ready(part)
        self._mine.add(part)
        self._processes.order(part, order)
        second = None
        if order.step is Step.CONSUMER_REVOKED:
            second = self._start_second(part)
        child = self._processes.running[part]
        if not (yield from self._until(lambda: child.process.poll() is not None, ORDER_SECONDS)):
            self.unreached.append(f"{part.name} {order}")
            child.signal_group(signal.SIGKILL)
            yield from self._until(lambda: child.process.poll() is not None, ORDER_SECONDS)
        died_at = time.time()
        self._processes.order(part, None)
        self._processes.start(part)
        self._mine.discard(part)
        yield from self._ready_again(part, f"kill_{order.step.name.split('_', 1)[0].lower()}", died_at)
        if second:
            yield from self._end_second(second, signal.SIGTERM)

    def _pause(self, part: Part) -> Waiting:
        """The second instance takes the lease over; the first wakes up with what it was about to do."""
        second = self._start_second(part)
        yield from self._until_ready(second)
        child = self._processes.running[part]
        child.signal_group(signal.SIGSTOP)
        yield from self._for(PAUSE_SECONDS)
        child.signal_group(signal.SIGCONT)
        yield from self._ready_again(part, "pause", time.time())
        yield from self._for(STAY_SECONDS)
        yield from self._end_second(second, signal.SIGTERM)

    def _rebalance(self, part: Part) -> Waiting:
        began_at = time.time()
        second = self._start_second(part)
        yield from self._ready_again(second, "rebalance", began_at)
        yield from self._for(STAY_SECONDS)
        yield from self._end_second(second, signal.SIGKILL if int(began_at * 1000) % 2 else signal.SIGTERM)

    def _kill_gateway(self) -> Waiting:
        part = self._processes.configuration.gateway
        child = self._processes.running[part]
        child.signal_group(signal.SIGKILL)
        child.process.wait()
        died_at = time.time()
        self._processes.start(part)
        yield from self._ready_again(part, "gateway_kill", died_at)

    def _end_server(self, name: str, how: signal.Signals, kind: str) -> Waiting:
        assert self._servers is not None
        self._servers.end(name, how)
        ended_at = time.time()
        self._servers.start_again(name)
        servers, started = self._servers, self._servers.running[name]
        if not (yield from self._until(lambda: servers.is_ready(name), READY_SECONDS)):
            raise not_back(started)
        self._recovered(kind, ended_at)

    def _start_second(self, part: Part) -> Part:
        second = self._processes.second_instance(part)
        self._processes.start(second)
        return second

    def _end_second(self, second: Part, how: signal.Signals) -> Waiting:
        self._mine.add(second)
        child = self._processes.running[second]
        child.signal_group(how)
        yield from self._until(lambda: child.process.poll() is not None, READY_SECONDS)
        child.signal_group(signal.SIGKILL)
        del self._processes.running[second]
        self._mine.discard(second)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _ready_again(self, part: Part, kind: str, since: float) -> Waiting:
        yield from self._until_ready(part)
        self._recovered(kind, since)

    def _until_ready(self, part: Part) -> Waiting:
        """Raises StackError when it does not get ready."""
        if not (yield from self._until(lambda: self._processes.is_ready(part), READY_SECONDS)):
            raise not_back(self._processes.running[part])

    def _recovered(self, kind: str, since: float) -> None:
        with self._record.open("a") as record:
            record.write(json.dumps({"kind": kind, "at": since, "recovered_at": time.time()}) + "\n")

    def _until(self, condition: Callable[[], bool], seconds: float) -> Generator[None, None, bool]:
        """Whether the condition came in time."""
        deadline = time.monotonic() + seconds
        while not (came := condition()) and time.monotonic() < deadline:
            yield
        return came

    def _for(self, seconds: float) -> Waiting:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield

    def _restart_dead(self) -> None:
        """Raises StackError when parts keep dying that nobody killed, or broker or database did."""
        for part, child in list(self._processes.running.items()):
            if part in self._mine or child.process.poll() is None:
                continue
            self.unexpected_ends += 1
            if self.unexpected_ends > self._most_unexpected_ends:
                raise StackError(f"{part.name} keeps dying", relevant_lines(child.log))
            self._processes.start(part)
        for child in self._servers.running.values() if self._servers else ():
            if child.name not in self._under_way:
                child.raise_if_dead()


def not_back(child: Child) -> StackError:
    return StackError(f"{child.name} is not ready after {READY_SECONDS:.0f} s", relevant_lines(child.log))
