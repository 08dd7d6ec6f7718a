"""The coding rule of grids (domain reference 3.2): a parent's code and a sequence, never used twice.

base grid = community (12 digits) + 3, exclusive grids from 900; micro-grid = base grid (15) + 2.
"""

from collections.abc import Collection
from dataclasses import dataclass

from govkit.domain import LabelEnum
from grid.domain.errors import GridError


class GridKind(LabelEnum):
    """网格类型 Kind of base grid"""

    RESIDENTIAL = "基础网格 Ordinary grid of homes"
    EXCLUSIVE = "专属网格 Exclusive grid: a school, a park, a business building"


@dataclass(frozen=True)
class CodingScheme:
    """A county that follows another rule replaces `SCHEME`; nothing else knows the numbers of digits."""

    base_digits: int = 3
    micro_digits: int = 2
    exclusive_from: int = 900

    def base_sequences(self, kind: GridKind) -> range:
        if kind is GridKind.EXCLUSIVE:
            return range(self.exclusive_from, 10**self.base_digits)
        return range(1, self.exclusive_from)

    def base_code(self, community_code: str, kind: GridKind, used: Collection[str], wanted: str | None) -> str:
        """The code of a new base grid: `wanted` when it fits the rule, else the one after the highest that was used.

        `used` are all codes of the community, retired ones too. Raises GRID_CODE_INVALID, GRID_CODE_EXISTS,
        GRID_CODES_EXHAUSTED.
        """
        return _choose(community_code, self.base_digits, self.base_sequences(kind), used, wanted)

    def micro_code(self, base_code: str, used: Collection[str], wanted: str | None) -> str:
        """The code of a new micro-grid, by the same rule below its base grid."""
        return _choose(base_code, self.micro_digits, range(1, 10**self.micro_digits), used, wanted)


SCHEME = CodingScheme()


def _choose(parent: str, digits: int, sequences: range, used: Collection[str], wanted: str | None) -> str:
    allowed = {f"{parent}{sequence:0{digits}}": sequence for sequence in sequences}
    if wanted is None:
        following = max((allowed[code] for code in used if code in allowed), default=sequences.start - 1) + 1
        if following not in sequences:
            raise GridError.CODES_EXHAUSTED(parent=parent)
        return f"{parent}{following:0{digits}}"
    if wanted not in allowed:
        raise GridError.CODE_INVALID(field="code", parent=parent, digits=digits, first=min(allowed), last=max(allowed))
    if wanted in used:
        raise GridError.CODE_EXISTS(field="code")
    return wanted
