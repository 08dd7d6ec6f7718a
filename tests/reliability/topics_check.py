"""Topics: exactly what the outboxes hold, each key in order without gaps; what was read took effect."""

from collections import defaultdict
from itertools import pairwise

from reliability.facts import Event, Facts, ServiceFacts
from reliability.findings import Finding, Findings, Kind
from reliability.services import handled_types


def check_published(facts: Facts) -> Findings:
    for name, service in facts.services.items():
        committed = {event.id: event for event in service.outbox}
        told = {event.id for event in service.topic}
        for event in service.outbox:
            if event.id not in told:
                state = "marked as published" if event.published else "not published"
                yield Finding(Kind.LOST, f"{name} {event.type} {event.id}, {state}, is not on the topic")
        for event in service.topic:
            if event.id not in committed or committed[event.id].body != event.body:
                yield Finding(Kind.PHANTOM, f"{name} {event.type} {event.id} at {event.offset} was never committed so")


def check_order(facts: Facts) -> Findings:
    """By first occurrences: an event that comes again, with the same id, changes nothing."""
    for name, service in facts.services.items():
        for subject, events in first_occurrences(service.topic).items():
            label = f"{name} {subject}"
            if len({event.partition for event in events}) > 1:
                yield Finding(Kind.INVERSIONS, f"{label} is on several partitions")
            sequences = [event.sequence for event in events]
            for before, after in pairwise(sequences):
                if after < before:
                    yield Finding(Kind.INVERSIONS, f"{label}: {after} came after {before}")
                elif after == before:
                    yield Finding(Kind.DUPLICATED, f"{label} has two events {after}")
            yield from _gaps(label, sequences)
        for subject, committed in _by_subject(service.outbox).items():
            yield from _gaps(f"{name} outbox {subject}", [event.sequence for event in committed])


def check_consumed(facts: Facts) -> Findings:
    """Every event that a service handles is behind its inbox position."""
    for consumer in facts.services.values():
        handled = handled_types(consumer.place.package)
        for name in consumer.place.listens_to:
            if producer := facts.services.get(name):
                yield from _unconsumed(consumer, producer, handled)
        if consumer.parked:
            yield Finding(Kind.LOST, f"{consumer.name} has parked {consumer.parked} events")


def _unconsumed(consumer: ServiceFacts, producer: ServiceFacts, handled: frozenset[str]) -> Findings:
    for subject, events in first_occurrences(producer.topic).items():
        position = consumer.positions.get(f"{producer.source}|{subject}", 0)
        for event in events:
            if event.type in handled and event.sequence > position:
                yield Finding(Kind.LOST, f"{consumer.name} has not seen {producer.name} {event.type} {event.id}")
        if position > max(event.sequence for event in events):
            yield Finding(Kind.LOST, f"{consumer.name} would drop what {producer.name} {subject} tells next")


def first_occurrences(topic: list[Event]) -> dict[str, list[Event]]:
    """By subject, in the order of the topic, each event once."""
    seen = set()
    events: dict[str, list[Event]] = defaultdict(list)
    for event in topic:
        if event.id not in seen:
            seen.add(event.id)
            events[event.subject].append(event)
    return events


def _by_subject(events: list[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.subject].append(event)
    return found


def _gaps(label: str, sequences: list[int]) -> Findings:
    missing = set(range(1, max(sequences) + 1)) - set(sequences)
    for sequence in sorted(missing):
        yield Finding(Kind.GAPS, f"{label} has no event {sequence}")
