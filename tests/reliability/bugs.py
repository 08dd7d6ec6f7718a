"""Seeded bugs: none yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    def plant(self) -> None: ...


BUGS: dict[str, Bug] = {}
