"""The assessment scheme, the monthly red/black lists and the consequences that follow from them."""

from dataclasses import dataclass
from datetime import date, datetime

from .calendar import at
from .ids import stable_id
from .property import ENTERPRISES
from .story import rng, topic

PER_COLOUR = 3
CORRECTED_MONTH = 6
_REASONS = {
    "RED": ("投诉办结率高", "群众满意度高", "公共收益公示及时"),
    "BLACK": ("投诉多且办理不及时", "收费不公示", "设施维护不到位"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """``kind`` BASE, GOOD (adds) or BAD (deducts)."""

    code: str
    name: str
    kind: str
    weight: int
    max_score: int
    valid_months: int


@dataclass(frozen=True, slots=True)
class AssessmentScheme:
    id: str
    version: int
    name: str
    effective_on: date
    indicators: tuple[Indicator, ...]
    red_min: int
    black_max: int
    red_top: int
    min_areas: int


@dataclass(frozen=True, slots=True)
class ListEntry:
    id: str
    colour: str
    rank: int
    enterprise_id: str
    enterprise_number: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedBlackList:
    """``version`` 2 corrects version 1 of the same period, whose state is then CORRECTED."""

    id: str
    period: str
    version: int
    state: str
    published_at: datetime
    corrects_id: str | None
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True)
class LinkedConsequence:
    n: int
    id: str
    subject_type: str
    subject_id: str
    kind: str
    basis_list_id: str
    start_on: date
    end_on: date
    state: str


@topic
def assessment_scheme(as_of: date) -> AssessmentScheme:
    """Version 1 of a sample scheme; the weights sum to 100."""
    indicators = (
        Indicator("B1", "基础服务 Basic service", "BASE", 30, 100, 1),
        Indicator("B2", "设施维护 Maintenance", "BASE", 20, 100, 1),
        Indicator("B3", "诉求办理 Handling of petitions", "BASE", 20, 100, 1),
        Indicator("B4", "居民评议 Residents' evaluation", "BASE", 15, 100, 1),
        Indicator("B5", "党建引领 Party building", "BASE", 15, 100, 3),
        Indicator("G1", "受到表彰 Commendation", "GOOD", 0, 5, 12),
        Indicator("D1", "强制服务、乱收费 Forced service, arbitrary charges", "BAD", 0, 20, 6),
    )
    return AssessmentScheme(
        id=stable_id("assessment-scheme", 1),
        version=1,
        name="兰陵县物业服务市场考核办法(示例)",
        effective_on=date(as_of.year - 1, 12, 1),
        indicators=indicators,
        red_min=90,
        black_max=70,
        red_top=PER_COLOUR,
        min_areas=1,
    )


@topic
def red_black_lists(as_of: date) -> tuple[RedBlackList, ...]:
    """Thirteen versions for twelve months: the published ones are twelve."""
    lists = []
    for month in range(1, 13):
        corrected = month == CORRECTED_MONTH
        lists.append(_list(as_of.year, month, 1, "CORRECTED" if corrected else "PUBLISHED"))
        if corrected:
            lists.append(_list(as_of.year, month, 2, "PUBLISHED"))
    return tuple(lists)


@topic
def linked_consequences(as_of: date) -> tuple[LinkedConsequence, ...]:
    """Nine: four expired, one lifted by the correction, four active."""
    by_period = {(item.period, item.version): item for item in red_black_lists(as_of)}
    year = as_of.year
    plan = (
        (1, 1, "PROPERTY_ENTERPRISE", "BIDDING_RESTRICTED", date(year, 2, 1), date(year, 7, 31), "EXPIRED"),
        (2, 1, "PROPERTY_ENTERPRISE", "INTERVIEW", date(year, 3, 1), date(year, 3, 31), "EXPIRED"),
        (4, 1, "PROPERTY_ENTERPRISE", "AWARD_INELIGIBLE", date(year, 5, 1), date(year, 10, 31), "EXPIRED"),
        (5, 1, "DEVELOPER", "BIDDING_RESTRICTED", date(year, 6, 1), date(year, 11, 30), "EXPIRED"),
        (
            CORRECTED_MONTH,
            1,
            "PROPERTY_ENTERPRISE",
            "BIDDING_RESTRICTED",
            date(year, 7, 1),
            date(year, 12, 31),
            "LIFTED",
        ),
        (9, 1, "PROPERTY_ENTERPRISE", "BIDDING_RESTRICTED", date(year, 10, 1), date(year + 1, 3, 31), "ACTIVE"),
        (10, 1, "PROPERTY_ENTERPRISE", "AWARD_INELIGIBLE", date(year, 11, 1), date(year + 1, 10, 31), "ACTIVE"),
        (11, 1, "DEVELOPER", "BIDDING_RESTRICTED", date(year, 12, 1), date(year + 1, 5, 31), "ACTIVE"),
        (11, 1, "PROPERTY_ENTERPRISE", "PRIORITY_AWARD", date(year, 12, 1), date(year + 1, 11, 30), "ACTIVE"),
    )
    found = []
    for n, (month, version, subject, kind, start, end, state) in enumerate(plan, start=1):
        basis = by_period[f"{year}-{month:02}", version]
        entry = basis.entries[0 if kind == "PRIORITY_AWARD" else PER_COLOUR]
        subject_id = stable_id("developer", n) if subject == "DEVELOPER" else entry.enterprise_id
        found.append(
            LinkedConsequence(
                n, stable_id("linked-consequence", n), subject, subject_id, kind, basis.id, start, end, state,
            )
        )  # fmt: skip
    return tuple(found)


def _list(year: int, month: int, version: int, state: str) -> RedBlackList:
    period = f"{year}-{month:02}"
    random = rng("red-black", period)
    numbers = random.sample(range(1, ENTERPRISES + 1), 2 * PER_COLOUR + 1)
    if version == 2:
        numbers[PER_COLOUR] = numbers[-1]  # the upheld appeal: another enterprise takes the first black place
    id_ = stable_id("red-black-list", period, version)
    entries = tuple(
        ListEntry(
            id=stable_id("red-black-entry", period, version, place),
            colour="RED" if place < PER_COLOUR else "BLACK",
            rank=place % PER_COLOUR + 1,
            enterprise_id=stable_id("property-enterprise", number),
            enterprise_number=number,
            score=round(98.5 - place, 1) if place < PER_COLOUR else round(64.0 + place, 1),
            reasons=(random.choice(_REASONS["RED" if place < PER_COLOUR else "BLACK"]),),
        )
        for place, number in enumerate(numbers[: 2 * PER_COLOUR])
    )
    return RedBlackList(
        id=id_,
        period=period,
        version=version,
        state=state,
        published_at=at(date(year, month + version - 1, 28 if version == 1 else 12), 10),
        corrects_id=stable_id("red-black-list", period, 1) if version == 2 else None,
        entries=entries,
    )
