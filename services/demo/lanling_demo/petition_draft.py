"""A petition on its way to a fact, and the figures that the case data add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TypeVar

from .geometry import LonLat
from .grids import BaseGrid

ACCEPTED, RESOLVED, REJECTED, MERGED = 2700, 2537, 96, 61
# The oldest first.
OPEN_STATES = {"SUPERVISED": 6, "SUSPENDED": 9, "REOPENED": 9, "IN_PROGRESS": 80, "ASSIGNED": 41, "ACCEPTED": 18}
# Of the accepted, by month of submission: rain in July, heating in November.
MONTHLY = (205, 190, 218, 214, 222, 232, 250, 238, 222, 219, 249, 241)
CHANNELS = {
    "WECHAT_GROUP": 648,
    "RED_BUTLER_WECHAT": 567,
    "APP_PROPERTY_COLUMN": 378,
    "COUNCIL_HALL": 297,
    "GRID_PATROL": 270,
    "DOOR_KNOCKING": 216,
    "HOTLINE_12345": 162,
    "SUPERVISOR_REPORT": 81,
    "MICRO_COLLECTION": 54,
    "WALK_IN": 27,
}
LEVELS = {"GRID": 1180, "COMMUNITY": 842, "STREET": 361, "COUNTY_DEPARTMENT": 154}
REJECTION_REASONS = {
    "IN_LITIGATION": 9,
    "IN_XINFANG": 14,
    "OUTSIDE_COUNTY": 2,
    "MALICIOUS": 6,
    "NO_CONTENT": 37,
    "DUPLICATE": 28,
}
BORDER, NEAREST = 8, 5
WORSE, BETTER = 13, 5  # indices of the communities at the ends of the ranking
RECURRING = ((13, "01"), (2, "02"), (8, "03"), (10, "01"), (17, "04"))  # community index and top category
RECURRENCES = 12

T = TypeVar("T")


@dataclass(slots=True)
class Draft:
    """One petition on its way to a fact; ``accepted`` are the 2,700, ``level`` is where it was or is handled."""

    key: int
    submitted_at: datetime
    accepted: bool
    state: str = ""
    community_index: int = 0
    top: str = ""
    category: str = ""
    channel: str = ""
    level: str = "GRID"
    grid: BaseGrid | None = None
    point: LonLat = (0.0, 0.0)
    locate_status: str = "RESOLVED"
    supervisor: int | None = None
    merged_into: "Draft | None" = None
    rejection_reason: str | None = None
    misfortune: float = 0.0


def dealt(random: Random, counts: Mapping[T, int]) -> list[T]:
    """Each key as often as its count, in random order."""
    dealt_out = [key for key, count in counts.items() for _ in range(count)]
    random.shuffle(dealt_out)
    return dealt_out
