"""Property enterprises, developers, contracts and the fallback management of areas that had none."""

from dataclasses import dataclass
from datetime import date, timedelta

from .areas import DEVELOPERS, FALLBACK_MANAGED, MARKET_MANAGED, ResidentialArea, residential_areas
from .calendar import random_day
from .ids import stable_id
from .people import credit_code
from .staff import Person, person
from .story import rng, topic

ENTERPRISES, ORGANIZED, STATE_OWNED = 34, 21, 3
BATCHES = (20, 22, 24)
STAGES = ("SURVEY 摸底", "DIVISION_PLAN 一区一策方案", "HANDOVER 移交", "ENTRY 进驻")
_WORDS = (
    "安和",
    "嘉诚",
    "万合",
    "瑞景",
    "鸿泰",
    "绿源",
    "锦绣",
    "盛世",
    "佳和",
    "天成",
    "恒美",
    "金桥",
    "润泽",
    "华安",
    "同心",
    "永信",
    "民乐",
)


@dataclass(frozen=True, slots=True)
class PropertyEnterprise:
    """Numbers 1 … 21 have a Party organization, 1 … 3 are state-owned and do the fallback management."""

    n: int
    id: str
    name: str
    credit_code: str
    state_owned: bool
    party_organization_id: str | None
    registered_on: date


@dataclass(frozen=True, slots=True)
class Developer:
    n: int
    id: str
    name: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class PropertyContract:
    """``kind`` MARKET or FALLBACK; ``fee_per_m2_fen`` a month."""

    id: str
    kind: str
    residential_area_id: str
    residential_area_code: str
    community_code: str
    enterprise_id: str
    enterprise_number: int
    start_on: date
    end_on: date
    fee_per_m2_fen: int


@dataclass(frozen=True, slots=True)
class HandoverStage:
    name: str
    due_on: date
    done_on: date
    responsible: Person


@dataclass(frozen=True, slots=True)
class HandoverPlan:
    """Completed plan of one area ("one area, one policy")."""

    n: int
    id: str
    residential_area_id: str
    residential_area_code: str
    community_code: str
    batch_number: int
    state: str
    enterprise_id: str
    enterprise_number: int
    stages: tuple[HandoverStage, ...]
    responsibility_split: str
    charge_standard: str
    approved_on: date
    completed_on: date


@topic
def property_enterprises(as_of: date) -> tuple[PropertyEnterprise, ...]:
    return tuple(_enterprise(n, as_of) for n in range(1, ENTERPRISES + 1))


@topic
def developers(as_of: date) -> tuple[Developer, ...]:
    return tuple(
        Developer(n, stable_id("developer", n), f"兰陵{_WORDS[-n]}置业有限公司(示例)", credit_code(400_000 + n))
        for n in range(1, DEVELOPERS + 1)
    )


@topic
def handover_batches(as_of: date) -> tuple[date, ...]:
    """The day on which each of the three batches was to be completed."""
    return date(as_of.year - 1, 11, 30), date(as_of.year, 4, 30), date(as_of.year, 9, 30)


@topic
def handover_plans(as_of: date) -> tuple[HandoverPlan, ...]:
    """One for each of the 66 areas, by batch."""
    areas = [area for area in residential_areas(as_of) if area.property_status == FALLBACK_MANAGED]
    rng("handover").shuffle(areas)
    batches = [number for number, size in enumerate(BATCHES, start=1) for _ in range(size)]
    return tuple(
        _plan(n, area, batch, as_of) for n, (area, batch) in enumerate(zip(areas, batches, strict=True), start=1)
    )


@topic
def property_contracts(as_of: date) -> tuple[PropertyContract, ...]:
    """66 fallback contracts from the completion of the plan, then 81 of the market."""
    fallback = [
        _contract("FALLBACK", plan.residential_area_code, plan.enterprise_number, plan.completed_on, 30)
        for plan in handover_plans(as_of)
    ]
    market_areas = [area for area in residential_areas(as_of) if area.property_status == MARKET_MANAGED]
    return (*fallback, *(_market_contract(place, area, as_of) for place, area in enumerate(market_areas)))


def _enterprise(n: int, as_of: date) -> PropertyEnterprise:
    word = _WORDS[(n - 1) % len(_WORDS)]
    state_owned = n <= STATE_OWNED
    suffix = ("国有物业服务" if state_owned else "物业服务") if n <= len(_WORDS) else "物业管理"
    return PropertyEnterprise(
        n=n,
        id=stable_id("property-enterprise", n),
        name=f"兰陵{word}{suffix}有限公司(示例)",
        credit_code=credit_code(300_000 + n),
        state_owned=state_owned,
        party_organization_id=stable_id("party-organization", f"property-enterprise/{n}") if n <= ORGANIZED else None,
        registered_on=random_day(rng("property-enterprise", n), date(2008, 1, 1), date(as_of.year - 2, 5, 31)),
    )


def _plan(n: int, area: ResidentialArea, batch: int, as_of: date) -> HandoverPlan:
    random = rng("handover", area.code)
    batch_day = handover_batches(as_of)[batch - 1]
    dues = [batch_day - timedelta(days=days) for days in (120, 90, 30, 0)]
    stages = tuple(
        HandoverStage(name, due, due - timedelta(days=random.randint(0, 12)), person("handover", 4 * n + place, 4000))
        for place, (name, due) in enumerate(zip(STAGES, dues, strict=True))
    )
    enterprise = (n - 1) % STATE_OWNED + 1
    return HandoverPlan(
        n=n,
        id=stable_id("handover-plan", area.code),
        residential_area_id=area.id,
        residential_area_code=area.code,
        community_code=area.community_code,
        batch_number=batch,
        state="COMPLETED",
        enterprise_id=stable_id("property-enterprise", enterprise),
        enterprise_number=enterprise,
        stages=stages,
        responsibility_split="企业负责保洁、秩序和设施维护;社区负责组织协调;业主负责户内",
        charge_standard="每平方米每月0.30元,困难户减免",
        approved_on=stages[1].done_on,
        completed_on=stages[-1].done_on,
    )


def _market_contract(place: int, area: ResidentialArea, as_of: date) -> PropertyContract:
    random = rng("contract", area.code)
    start = random_day(random, date(as_of.year - 2, 1, 1), date(as_of.year - 1, 12, 31))
    enterprise = STATE_OWNED + 1 + place % (ENTERPRISES - STATE_OWNED)
    return _contract("MARKET", area.code, enterprise, start, random.randrange(60, 160, 5))


def _contract(kind: str, area_code: str, enterprise: int, start: date, fee: int) -> PropertyContract:
    return PropertyContract(
        id=stable_id("property-contract", area_code),
        kind=kind,
        residential_area_id=stable_id("residential-area", area_code),
        residential_area_code=area_code,
        community_code=area_code[:12],
        enterprise_id=stable_id("property-enterprise", enterprise),
        enterprise_number=enterprise,
        start_on=start,
        end_on=start + timedelta(days=3 * 365),
        fee_per_m2_fen=fee,
    )
