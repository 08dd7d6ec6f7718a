"""What the checker finds, by the five kinds of broken promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    LOST = "an accepted command, an event or an effect is missing"
    PHANTOM = "an event or an effect that no committed command explains"
    DUPLICATED = "one command or one event took effect twice"
    INVERSIONS = "an event came to a topic before an earlier one of its key"
    GAPS = "a number is missing among the events of a key"


@dataclass(frozen=True)
class Finding:
    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.kind.name.lower()}: {self.text}"


Findings = Iterator[Finding]
