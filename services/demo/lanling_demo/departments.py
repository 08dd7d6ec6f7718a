"""County departments and the categories of petitions that are their duty."""

from dataclasses import dataclass
from functools import cache

from .categories import categories
from .ids import stable_id

_DEPARTMENTS = {
    "organization": "县委组织部 Organization Department",
    "housing": "住房和城乡建设局 Housing and Urban-Rural Development Bureau",
    "urban-management": "综合行政执法局 Urban Management and Law Enforcement Bureau",
    "traffic-police": "公安局交通警察大队 Traffic Police Brigade",
    "public-security": "公安局 Public Security Bureau",
    "ecology": "生态环境局 Ecology and Environment Bureau",
    "water": "水务局 Water Bureau",
    "justice": "司法局 Justice Bureau",
    "civil-affairs": "民政局 Civil Affairs Bureau",
    "human-resources": "人力资源和社会保障局 Human Resources and Social Security Bureau",
    "health": "卫生健康局 Health Bureau",
    "transport": "交通运输局 Transport Bureau",
    "commerce": "商务局 Commerce Bureau",
    "trade-union": "总工会 Federation of Trade Unions",
}


@dataclass(frozen=True, slots=True)
class Department:
    """``duties`` are codes of top-level categories; ``index`` runs from 0."""

    index: int
    id: str
    code: str
    name: str
    name_en: str
    duties: tuple[str, ...]


@cache
def departments() -> tuple[Department, ...]:
    """All departments of the county level."""
    return tuple(_department(index, code) for index, code in enumerate(_DEPARTMENTS))


def department_id(code: str) -> str:
    """Id by code; KeyError for a code that is not in the list."""
    return stable_id("department", {code: code for code in _DEPARTMENTS}[code])


def _department(index: int, code: str) -> Department:
    name, _, english = _DEPARTMENTS[code].partition(" ")
    duties = tuple(item.code for item in categories() if item.level == 1 and item.department_code == code)
    return Department(index, stable_id("department", code), code, name, english, duties)
