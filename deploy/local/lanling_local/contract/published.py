"""`schemas/published/<service>.json`: what subscribers have been promised. Written by `make publish-schemas` only, and
it only grows: a line that disappears is a promise that is broken, and `history` finds it.

    "cn.lanling.consequence.lifted.v1": {
      "sample": "<SHA-256 of the golden sample>",
      "fields": {
        "kind": {"kind": "enum", "members": ["AWARD_INELIGIBLE", …]},
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lanling_local.contract.compatibility import Edition
from lanling_local.contract.promises import Promise


@dataclass(frozen=True)
class Publication:
    """`sample` is the SHA-256 of the committed sample's bytes."""

    edition: Edition
    sample: str


Publications = dict[str, Publication]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_publications(directory: Path) -> Publications:
    """By event type; the name of a file is the service."""
    found: Publications = {}
    for file in sorted(directory.glob("*.json")):
        found |= read_text(file.stem, file.read_text("utf-8"))
    return found


def read_text(service: str, text: str) -> Publications:
    """Of one file. Files of the past must be read, too: this form only grows."""
    return {name: _read(service, entry) for name, entry in json.loads(text).items()}


def publication_files(publications: Publications) -> dict[str, bytes]:
    """File name → text, a field a line, so that a review shows each promise that is made."""
    services = sorted({publication.edition.service for publication in publications.values()})
    return {
        f"{service}.json": _text(
            {name: publication for name, publication in publications.items() if publication.edition.service == service}
        )
        for service in services
    }


def _text(publications: Mapping[str, Publication]) -> bytes:
    types = ",\n".join(_type_text(name, publications[name]) for name in sorted(publications))
    return f"{{\n{types}\n}}\n".encode()


def _type_text(name: str, publication: Publication) -> str:
    edition = publication.edition
    lines = [f'    "sample": "{publication.sample}"']
    if edition.until:
        lines.append(f'    "until": "{edition.until}"')
    fields = ",\n".join(f'      "{path}": {json.dumps(_entry(promise))}' for path, promise in edition.promises.items())
    lines.append(f'    "fields": {{\n{fields}\n    }}')
    return f'  "{name}": {{\n' + ",\n".join(lines) + "\n  }"


def _entry(promise: Promise) -> dict[str, Any]:
    marks = {"nullable": promise.nullable, "added": promise.added, "members": list(promise.members)}
    return {"kind": promise.kind} | {name: value for name, value in marks.items() if value}


def _read(service: str, entry: dict[str, Any]) -> Publication:
    promises = {
        path: Promise(**{**field, "members": tuple(field.get("members", ()))})
        for path, field in entry["fields"].items()
    }
    until = date.fromisoformat(entry["until"]) if "until" in entry else None
    return Publication(Edition(service, promises, until), entry["sample"])
