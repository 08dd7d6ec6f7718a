"""The 350 red partners (红色合伙人) and what they offer."""

from dataclasses import dataclass
from datetime import date

from .calendar import random_day
from .county import communities
from .geometry import LonLat
from .grids import BaseGrid, grids_by_community
from .ids import stable_id
from .people import credit_code
from .split import spread
from .staff import Person, person
from .story import rng, topic

# Category → number, kinds of partner, kind and title of the offer, words of the name.
CATEGORIES: dict[str, tuple[int, tuple[str, ...], str, str, str]] = {
    "WEDDING_PHOTO": (18, ("STORE",), "SERVICE", "公益全家福拍摄", "婚纱摄影"),
    "BICYCLE": (14, ("STREET_SHOP",), "TECHNOLOGY", "自行车义务维修", "自行车行"),
    "HAIR_BEAUTY": (41, ("STREET_SHOP", "STORE"), "SERVICE", "老人义务理发", "美容美发"),
    "CATERING": (77, ("STREET_SHOP", "STORE"), "SERVICE", "爱心餐食", "餐厅"),
    "RETAIL": (66, ("STREET_SHOP", "STORE"), "SERVICE", "便民代购代存", "便利店"),
    "TRAINING": (48, ("TRAINING_INSTITUTION",), "VENUE", "周末教室", "培训学校"),
    "SOCIAL_ORGANIZATION": (31, ("SOCIAL_ORG",), "TECHNOLOGY", "志愿者培训", "公益服务中心"),
    "OTHER": (55, ("STORE", "UNIT"), "VENUE", "活动场地", "商行"),
}
_WORDS = (
    "锦程",
    "兰心",
    "晨光",
    "吉祥",
    "如意",
    "美佳",
    "新时代",
    "康乐",
    "福满",
    "鑫源",
    "春风",
    "百合",
    "星辰",
    "和顺",
)


@dataclass(frozen=True, slots=True)
class Partner:
    n: int
    id: str
    name: str
    category: str
    kind: str
    credit_code: str
    community_id: str
    community_code: str
    grid_id: str
    grid_code: str
    location: LonLat
    contact: Person
    state: str
    joined_on: date
    agreement_number: str
    agreement_from: date
    agreement_to: date
    stars: int


@dataclass(frozen=True, slots=True)
class SupportOffer:
    """``kind`` VENUE, TECHNOLOGY or SERVICE."""

    n: int
    id: str
    partner_id: str
    partner_number: int
    kind: str
    title: str
    capacity: int
    state: str


@topic
def partners(as_of: date) -> tuple[Partner, ...]:
    """By community; all joined before the year of the story and under agreement through it."""
    categories = list(spread([count for count, *_ in CATEGORIES.values()]))
    rng("partner-categories").shuffle(categories)
    names = list(CATEGORIES)
    found: list[Partner] = []
    for community in communities(as_of):
        grids = grids_by_community(as_of)[community.code]
        for _ in range(community.counts.partners):
            n = len(found) + 1
            found.append(_partner(n, names[categories[n - 1]], community.stem, grids, as_of))
    return tuple(found)


@topic
def partners_by_community(as_of: date) -> dict[str, tuple[Partner, ...]]:
    """By community code."""
    groups: dict[str, list[Partner]] = {}
    for partner in partners(as_of):
        groups.setdefault(partner.community_code, []).append(partner)
    return {code: tuple(members) for code, members in groups.items()}


@topic
def support_offers(as_of: date) -> tuple[SupportOffer, ...]:
    """One for each partner."""
    return tuple(
        SupportOffer(
            n=partner.n,
            id=stable_id("offer", partner.n),
            partner_id=partner.id,
            partner_number=partner.n,
            kind=CATEGORIES[partner.category][2],
            title=CATEGORIES[partner.category][3],
            capacity=10 + partner.n % 40,
            state="OPEN",
        )
        for partner in partners(as_of)
    )


def _partner(n: int, category: str, stem: str, grids: tuple[BaseGrid, ...], as_of: date) -> Partner:
    random = rng("partner", n)
    _, kinds, _, _, word = CATEGORIES[category]
    joined = random_day(random, date(as_of.year - 1, 9, 10), date(as_of.year - 1, 12, 20))
    grid = random.choice(grids)
    return Partner(
        n=n,
        id=stable_id("partner", n),
        name=f"{stem}{random.choice(_WORDS)}{word}({n}号示例)",
        category=category,
        kind=random.choice(kinds),
        credit_code=credit_code(500_000 + n),
        community_id=grid.community_id,
        community_code=grid.community_code,
        grid_id=grid.id,
        grid_code=grid.code,
        location=grid.cell.at(random.uniform(0.05, 0.95), random.uniform(0.05, 0.95)),
        contact=person("partner", n, 4300),
        state="ACTIVE",
        joined_on=joined,
        agreement_number=f"HHR-{joined:%Y}-{n:04}",
        agreement_from=joined,
        agreement_to=joined.replace(year=joined.year + 2),
        stars=random.randint(2, 5),
    )
