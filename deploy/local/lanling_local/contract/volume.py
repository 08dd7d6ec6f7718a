"""`schemas/volume.toml`: how often things happen, by order of magnitude."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from lanling_local.contract.texts import thing_of, verb_of

REST = "seldom"
SNAPSHOTS = "载入或重发时每条记录一次 once a record whenever records are loaded or published again"


@dataclass(frozen=True)
class Volume:
    """`texts` by class of volume, `classes` by thing."""

    texts: dict[str, str]
    classes: dict[str, str]

    def expected(self, type_name: str) -> str:
        if verb_of(type_name) == "snapshot":
            return SNAPSHOTS
        return self.texts[self.classes.get(thing_of(type_name), REST)]


def read_volume(file: Path) -> Volume:
    content = tomllib.loads(file.read_text())
    texts = {name: entry["text"] for name, entry in content.items()}
    return Volume(texts, {thing: name for name, entry in content.items() for thing in entry["things"]})
