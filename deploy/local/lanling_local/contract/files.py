"""Every file of the event contract, as it should be: written by `make compose-schema`, compared by a test.

A published type keeps its golden sample for ever, and when its class is gone its schema as well: the topics still hold
its events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lanling_local.contract.asyncapi import asyncapi_document
from lanling_local.contract.catalogue import CatalogueEntry, catalogue_pages
from lanling_local.contract.compatibility import Break, Edition, breaks
from lanling_local.contract.history import deleted_promises
from lanling_local.contract.promises import promises_of
from lanling_local.contract.published import Publication, publication_files, read_publications, sha256
from lanling_local.contract.services import EventType, ServiceContract, all_events
from lanling_local.contract.volume import read_volume
from lanling_local.errors import StackError
from lanling_local.topics import TOPICS_FILE, read_topics

JsonObject = dict[str, Any]
Files = dict[Path, bytes]
"""By path, relative to the repository."""

SCHEMAS = Path("schemas")
PUBLISHED = SCHEMAS / "published"
OWNED = ("schemas/events/*/*.json", "schemas/samples/*/*.json", "docs/events/*.md")
"""Where nothing else lies: files of types that are gone are removed."""


def broken_promises(repository: Path, contracts: Sequence[ServiceContract], today: date) -> list[Break]:
    """What the event classes no longer keep of what was published, and the files of promises of what they once said."""
    published = read_publications(repository / PUBLISHED)
    current = {event.name: _edition(event) for event in all_events(contracts)}
    broken = breaks({name: publication.edition for name, publication in published.items()}, current, today)
    return broken + deleted_promises(repository, PUBLISHED, today)


def unpublished(repository: Path, contracts: Sequence[ServiceContract]) -> list[str]:
    """Types, and fields and members of types, that the classes have and nobody has been promised."""
    published = read_publications(repository / PUBLISHED)
    names = []
    for event in all_events(contracts):
        if event.name not in published or published[event.name].edition != _edition(event):
            names.append(event.name)
    return names


def publications(repository: Path, contracts: Sequence[ServiceContract]) -> Files:
    """The files of promises with all that the classes have now. Call it only when no promise is broken."""
    found = read_publications(repository / PUBLISHED)
    for event in all_events(contracts):
        sample = found[event.name].sample if event.name in found else sha256(_json(event.sample))
        found[event.name] = Publication(_edition(event), sample)
    return {PUBLISHED / name: text for name, text in publication_files(found).items()}


def contract_files(repository: Path, contracts: Sequence[ServiceContract]) -> Files:
    """Schemas, samples, AsyncAPI document and catalogue. Raises StackError when a golden sample is not as published."""
    published = read_publications(repository / PUBLISHED)
    current = {event.name: event for event in all_events(contracts)}
    services = {name: publication.edition.service for name, publication in published.items()}
    services |= {name: event.service for name, event in current.items()}
    files: Files = {}
    for name, service in sorted(services.items()):
        schema, sample = _place("events", service, name), _place("samples", service, name)
        event = current.get(name)
        files[schema] = _json(event.schema) if event else (repository / schema).read_bytes()
        if name in published:
            files[sample] = _golden(repository / sample, published[name])
        else:
            files[sample] = _json(current[name].sample)
    entries = [_entry(files, name, service, current.get(name), contracts) for name, service in sorted(services.items())]
    return files | _documents(repository, entries)


def stale_files(repository: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """Files of the contract that it no longer has."""
    there = [path.relative_to(repository) for pattern in OWNED for path in repository.glob(pattern)]
    return sorted(path for path in there if path not in files)


def _documents(repository: Path, entries: Sequence[CatalogueEntry]) -> Files:
    topics = read_topics(repository / SCHEMAS / TOPICS_FILE.name)
    by_service: dict[str, dict[str, JsonObject]] = {topic.service: {} for topic in topics}
    for entry in entries:
        by_service[entry.service][entry.name] = entry.schema
    pages = catalogue_pages(topics, entries, read_volume(repository / SCHEMAS / "volume.toml"))
    return {
        SCHEMAS / "asyncapi.json": _json(asyncapi_document(topics, by_service)),
        **{Path("docs") / name: text for name, text in pages.items()},
    }


def _place(folder: str, service: str, name: str) -> Path:
    return SCHEMAS / folder / service / f"{name}.json"


def _entry(
    files: Files, name: str, service: str, event: EventType | None, contracts: Sequence[ServiceContract]
) -> CatalogueEntry:
    schema, sample = (json.loads(files[_place(folder, service, name)]) for folder in ("events", "samples"))
    consumers = {contract.service: contract.consumes[name] for contract in contracts if name in contract.consumes}
    return CatalogueEntry(service, name, schema, sample, event.commands if event else (), consumers)


def _golden(file: Path, publication: Publication) -> bytes:
    content = file.read_bytes() if file.exists() else b""
    if sha256(content) != publication.sample:
        raise StackError(f"{file.name}: a published golden sample never changes; restore schemas/samples")
    return content


def _edition(event: EventType) -> Edition:
    until = event.schema.get("x-until")
    return Edition(event.service, promises_of(event.schema), date.fromisoformat(until) if until else None)


def _json(value: JsonObject) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
