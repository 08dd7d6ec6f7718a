"""The 402 redemptions of 1,530 points, none beyond what its holder had earned by then; passbooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from .calendar import at, day_of
from .ids import stable_id
from .points import Grant, grants
from .products import Product, products, products_by_code, supermarkets
from .residents import Resident, residents
from .story import rng, topic
from .supervisors import supervisors

# Points of a redemption → how many there are: 402, together 1,530 points.
SIZES = {12: 3, 10: 3, 8: 14, 6: 36, 5: 60, 4: 82, 3: 100, 2: 104}
SERVICES = 18


@dataclass(frozen=True, slots=True)
class RedemptionLine:
    product_code: str
    product_id: str
    quantity: int
    unit_points: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """``supermarket_id`` for goods, ``partner_id`` for a service; always FULFILLED."""

    n: int
    id: str
    number: str
    resident_number: int
    resident_id: str
    passbook_id: str
    community_code: str
    supermarket_n: int | None
    supermarket_id: str | None
    partner_id: str | None
    lines: tuple[RedemptionLine, ...]
    total_points: int
    state: str
    reserved_at: datetime
    fulfilled_at: datetime


@dataclass(frozen=True, slots=True)
class Passbook:
    """What the grants and redemptions add up to; a service derives it again from its ledger."""

    n: int
    id: str
    resident_id: str
    holder_name: str
    community_id: str
    community_code: str
    opened_on: date
    earned: int
    spent: int


@dataclass(frozen=True, slots=True)
class _Plan:
    resident: Resident
    points: int
    at: datetime


@topic
def redemptions(as_of: date) -> tuple[Redemption, ...]:
    """In order of time. One for each holder, from the largest balances down; supervisors save theirs."""
    plans = sorted(_plans(as_of), key=lambda plan: (plan.at, plan.resident.n))
    services = {item.points_price: item for item in products(as_of) if item.kind == "SERVICE"}
    fitting = [n for n, plan in enumerate(plans, start=1) if plan.points in services]
    as_service = set(rng("service-redemptions").sample(fitting, SERVICES))
    return tuple(
        _redemption(n, plan, services[plan.points] if n in as_service else None, as_of)
        for n, plan in enumerate(plans, start=1)
    )


@topic
def passbooks(as_of: date) -> tuple[Passbook, ...]:
    """912, by resident."""
    earned, opened, spent = dict[int, int](), dict[int, date](), dict[int, int]()
    for grant in grants(as_of):
        earned[grant.resident_number] = earned.get(grant.resident_number, 0) + grant.points
        opened.setdefault(grant.resident_number, day_of(grant.granted_at))
    for redemption in redemptions(as_of):
        spent[redemption.resident_number] = spent.get(redemption.resident_number, 0) + redemption.total_points
    return tuple(
        Passbook(
            n=resident.n,
            id=stable_id("passbook", resident.n),
            resident_id=resident.id,
            holder_name=resident.display_name,
            community_id=resident.community_id,
            community_code=resident.community_code,
            opened_on=opened[resident.n],
            earned=earned[resident.n],
            spent=spent.get(resident.n, 0),
        )
        for resident in residents(as_of)
        if resident.participant
    )


def _plans(as_of: date) -> list[_Plan]:
    random = rng("redemptions")
    history: dict[int, list[Grant]] = {}
    for grant in grants(as_of):
        history.setdefault(grant.resident_number, []).append(grant)
    savers = {supervisor.resident_number for supervisor in supervisors(as_of)}
    rank = {n: sum(grant.points for grant in own) * random.uniform(0.7, 1.0) for n, own in history.items()}
    holders = sorted((n for n in history if n not in savers), key=lambda n: (-rank[n], n))
    sizes = [size for size, count in SIZES.items() for _ in range(count)]
    return [
        _Plan(residents(as_of)[n - 1], size, _moment(random, history[n], size, as_of))
        for n, size in zip(holders, sizes, strict=False)
    ]


def _moment(random: Random, own: Sequence[Grant], points: int, as_of: date) -> datetime:
    """Some days after the grant that made the balance sufficient."""
    sums = accumulate(grant.points for grant in own)
    enough = next(grant for grant, balance in zip(own, sums, strict=True) if balance >= points)
    day = min(day_of(enough.granted_at) + timedelta(days=random.randint(1, 25)), as_of)
    return at(day, random.randint(9, 16), random.randrange(60))


def _redemption(n: int, plan: _Plan, service: Product | None, as_of: date) -> Redemption:
    shop = next(item for item in supermarkets(as_of) if item.community_code == plan.resident.community_code)
    chosen = [service] if service else _basket(rng("basket", n), plan.points, shop.product_codes, as_of)
    lines = tuple(
        RedemptionLine(code, stable_id("product", code), [item.code for item in chosen].count(code), price)
        for code, price in sorted({(item.code, item.points_price) for item in chosen})
    )
    return Redemption(
        n=n,
        id=stable_id("redemption", n),
        number=f"DH-{plan.at:%Y%m%d}-{n:06}",
        resident_number=plan.resident.n,
        resident_id=plan.resident.id,
        passbook_id=stable_id("passbook", plan.resident.n),
        community_code=plan.resident.community_code,
        supermarket_n=None if service else shop.n,
        supermarket_id=None if service else shop.id,
        partner_id=service.partner_id if service else None,
        lines=lines,
        total_points=plan.points,
        state="FULFILLED",
        reserved_at=plan.at,
        fulfilled_at=plan.at + timedelta(minutes=20),
    )


def _basket(random: Random, points: int, stocked: Sequence[str], as_of: date) -> list[Product]:
    """Goods of the supermarket that cost exactly so much: one, or a first one and then the rest."""
    goods = [products_by_code(as_of)[code] for code in stocked]
    fitting = [item for item in goods if item.points_price == points]
    smaller = [item for item in goods if item.points_price <= points - 2]
    if fitting and (not smaller or random.random() < 0.6):
        return [random.choice(fitting)]
    first = random.choice(smaller)
    return [first, *_basket(random, points - first.points_price, stocked, as_of)]
