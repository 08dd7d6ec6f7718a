"""Commands: what a client was told is true, and what is stored was asked for."""

from collections import Counter, defaultdict

from reliability.facts import Carried, Event, Facts, ServiceFacts, receipt_id
from reliability.findings import Finding, Findings, Kind

ALWAYS_REFUSED = 10


def check_commands(facts: Facts) -> Findings:
    requests = {(asked.service, receipt_id(asked)): asked for asked in facts.asked.values()}
    caused = {name: _by_cause(service) for name, service in facts.services.items()}
    done: dict[str, set[Carried]] = {name: set() for name in facts.services}
    for (name, key), asked in requests.items():
        service = facts.services[name]
        receipt = service.receipts.get(key)
        label = f"{name} {asked.command} {asked.id}"
        if receipt:
            carried = Carried(asked.command, asked.actor, receipt.at)
            done[name].add(carried)
            if carried not in service.carried:
                yield Finding(Kind.LOST, f"{label} was carried out; the audit trail does not tell of it")
        if asked.accepted:
            if receipt is None or receipt.record != asked.record:
                yield Finding(Kind.LOST, f"{label} was accepted as {asked.record}; nothing tells of it")
            elif asked.loud and not caused[name].get(key):
                yield Finding(Kind.LOST, f"{label} was accepted and made no event")
        elif asked.accepted is False and receipt:
            yield Finding(Kind.PHANTOM, f"{label} was refused with {asked.code} and took effect")
        yield from _once(caused[name].get(key, []), label)
    for name, service in facts.services.items():
        for key in service.receipts:
            if (name, key) not in requests:
                yield Finding(Kind.PHANTOM, f"{name}: receipt {key} of a command that nobody gave")
        for carried in service.carried - done[name]:
            yield Finding(Kind.PHANTOM, f"{name} {carried.command} at {carried.at} took effect without a receipt")


def check_load(facts: Facts) -> Findings:
    """Of what is always refused nothing is proved. (A small load may ask for something once, at a wrong moment.)"""
    asked = Counter((one.service, one.command) for one in facts.asked.values())
    accepted = {(one.service, one.command) for one in facts.asked.values() if one.accepted}
    for kind, times in asked.items():
        if times >= ALWAYS_REFUSED and kind not in accepted:
            yield Finding(Kind.LOST, f"{' '.join(kind)} was refused all {times} times")


def check_records(facts: Facts) -> Findings:
    """Every stored version of every record was made by one commit, which the audit trail and the outbox tell of."""
    for name, service in facts.services.items():
        committed = defaultdict(set)
        for event in service.outbox:
            committed[event.subject].add(event.sequence)
        made: dict[str, int] = {}
        for item in service.saved:
            label = f"{name} {item.type} {item.id}"
            if item.audited - set(range(1, item.version + 1)):
                yield Finding(Kind.LOST, f"{label} is at version {item.version}; later ones were committed")
            if missing := set(range(1, item.version + 1)) - item.audited:
                yield Finding(Kind.PHANTOM, f"{label} has versions {sorted(missing)} which no commit made")
            if item.version:  # records of two types may share an id; then only one of them makes events
                made[item.id] = max(made.get(item.id, 0), item.sequence)
        for subject in made.keys() | committed.keys():
            expected, found = made.get(subject, 0), len(committed[subject])
            if expected != found:
                kind = Kind.LOST if expected > found else Kind.PHANTOM
                yield Finding(kind, f"{name} {subject} made {expected} events, the outbox has {found}")


def check_causes(facts: Facts) -> Findings:
    """Every event of an outbox follows from a command that was carried out, or from an event of a topic."""
    told = {event.id for service in facts.services.values() for event in service.topic}
    for name, service in facts.services.items():
        for event in service.outbox:
            if event.cause not in service.receipts and event.cause not in told:
                yield Finding(Kind.PHANTOM, f"{name} {event.type} {event.id} follows from nothing")
        for cause, events in _by_cause(service).items():
            if cause in told:
                yield from _once(events, f"{name}: effect of the event {cause}")


def _by_cause(service: ServiceFacts) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = defaultdict(list)
    for event in service.outbox:
        events[event.cause].append(event)
    return events


def _once(events: list[Event], label: str) -> Findings:
    """One cause takes effect in one commit: decided at one time, each record in one version."""
    if len({event.at for event in events}) > 1:
        yield Finding(Kind.DUPLICATED, f"{label} took effect at several times, in {len(events)} events")
    versions: dict[str, set[int]] = defaultdict(set)
    for event in events:
        versions[event.subject].add(event.aggregateversion)
    for subject, found in versions.items():
        if len(found) > 1:
            yield Finding(Kind.DUPLICATED, f"{label} changed {subject} in versions {sorted(found)}")
