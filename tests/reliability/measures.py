"""What a run measures beside the five promises: throughput, from commit to effect, recovery by kind of failure."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from reliability.facts import Facts

Measure = tuple[str, float]


def measure(facts: Facts, faults: Path) -> Iterator[Measure]:
    yield from _throughput(facts)
    yield from _delays(facts)
    yield from _recoveries(faults)


def _throughput(facts: Facts) -> Iterator[Measure]:
    accepted = [asked for asked in facts.asked.values() if asked.accepted]
    began = min((asked.at for asked in accepted), default=0.0)
    ended = max((asked.answered_at for asked in accepted), default=0.0)
    yield "commands_accepted", len(accepted)
    yield "commands_refused", sum(asked.accepted is False for asked in facts.asked.values())
    yield "commands_unanswered", sum(asked.accepted is None for asked in facts.asked.values())
    yield "commands_asked_again", sum(asked.tries > 1 for asked in facts.asked.values())
    yield "commands_per_second", round(len(accepted) / (ended - began), 1) if ended > began else 0
    yield "events", sum(len(service.outbox) for service in facts.services.values())
    records = sum(len(service.topic) for service in facts.services.values())
    distinct = sum(len({event.id for event in service.topic}) for service in facts.services.values())
    yield "events_sent_again", records - distinct
    yield "events_parked", sum(service.parked for service in facts.services.values())


def _delays(facts: Facts) -> Iterator[Measure]:
    """From the decision of what caused an event to the decision of its effect in another service."""
    decided = {event.id: event.at for service in facts.services.values() for event in service.outbox}
    delays = sorted(
        (event.at - cause).total_seconds() * 1000
        for service in facts.services.values()
        for event in service.outbox
        if event.at and (cause := decided.get(event.cause))
    )
    if delays:
        yield "commit_to_consumer_p50_ms", round(median(delays), 1)
        yield "commit_to_consumer_p99_ms", round(delays[min(len(delays) - 1, int(len(delays) * 0.99))], 1)


def _recoveries(faults: Path) -> Iterator[Measure]:
    """Seconds until the part that failed was ready again; how often by kind of failure."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for line in faults.read_text().splitlines() if faults.exists() else []:
        fault = json.loads(line)
        kinds[fault["kind"]].append(fault["recovered_at"] - fault["at"])
    for kind, seconds in sorted(kinds.items()):
        yield f"{kind}_times", len(seconds)
        yield f"{kind}_recovery_p50_s", round(median(seconds), 2)
        yield f"{kind}_recovery_max_s", round(max(seconds), 2)
