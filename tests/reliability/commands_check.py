"""Commands: what a client was told is true, and what is stored was asked for."""

from collections import defaultdict

from reliability.facts import Event, Facts, ServiceFacts, receipt_id
from reliability.findings import Finding, Findings, Kind


def check_commands(facts: Facts) -> Findings:
    requests = {(asked.service, receipt_id(asked)): asked for asked in facts.asked.values()}
    caused = {name: _by_cause(service) for name, service in facts.services.items()}
    for (name, receipt), asked in requests.items():
        service = facts.services[name]
        label = f"{name} {asked.command} {asked.id}"
        if asked.accepted:
            if service.receipts.get(receipt) != asked.record:
                yield Finding(Kind.LOST, f"{label} was accepted as {asked.record}; nothing tells of it")
            elif asked.loud and not caused[name].get(receipt):
                yield Finding(Kind.LOST, f"{label} was accepted and made no event")
        elif asked.accepted is False and receipt in service.receipts:
            yield Finding(Kind.PHANTOM, f"{label} was refused with {asked.code} and took effect")
        yield from _once(caused[name].get(receipt, []), label)
    for name, service in facts.services.items():
        for receipt in service.receipts:
            if (name, receipt) not in requests:
                yield Finding(Kind.PHANTOM, f"{name}: receipt {receipt} of a command that nobody gave")


def check_records(facts: Facts) -> Findings:
    """Every stored version of every record was made by one commit, which the audit trail and the outbox tell of."""
    for name, service in facts.services.items():
        events = defaultdict(list)
        for event in service.outbox:
            events[event.subject].append(event)
        known = {item.id for item in service.saved if item.version}
        for item in service.saved:
            label = f"{name} {item.type} {item.id}"
            if item.audited - set(range(1, item.version + 1)):
                yield Finding(Kind.LOST, f"{label} is at version {item.version}; later ones were committed")
            if missing := set(range(1, item.version + 1)) - item.audited:
                yield Finding(Kind.PHANTOM, f"{label} has versions {sorted(missing)} which no commit made")
            if item.sequence > len({event.sequence for event in events[item.id]}):
                yield Finding(Kind.LOST, f"{label} made {item.sequence} events, the outbox has fewer")
        for subject in events.keys() - known:
            yield Finding(Kind.PHANTOM, f"{name}: events of {subject}, which is not stored")


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
    """One cause changes each record in one commit."""
    versions: dict[str, set[int]] = defaultdict(set)
    for event in events:
        versions[event.subject].add(event.aggregateversion)
    for subject, found in versions.items():
        if len(found) > 1:
            yield Finding(Kind.DUPLICATED, f"{label} changed {subject} in versions {sorted(found)}")
