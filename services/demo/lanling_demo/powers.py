"""The catalogue of delegated powers, 9 categories and 23 items, its grants and some uses. A sample of ours."""

from dataclasses import dataclass
from datetime import date

from .calendar import random_day
from .county import communities
from .departments import department_id
from .ids import stable_id
from .story import rng, topic

_CATALOGUE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("物业管理 Property management", "housing", (
        "物业合同备案初审意见 Opinion on the filing of property contracts",
        "物业服务监督 Supervision of property service",
        "公共收益使用意见 Opinion on the use of shared income",
    )),
    ("监督 Supervision", "housing", (
        "物业企业工作要点监督 Supervision of the work points of property enterprises",
        "部门服务监督 Supervision of the service of departments",
        "工程验收意见 Opinion on the acceptance of projects",
    )),
    ("考核 Assessment", "organization", (
        "物业企业考核评分 Score of property enterprises",
        "部门派驻人员评价 Evaluation of departments' staff",
        "驻区单位评价 Evaluation of resident units",
    )),
    ("人事 Personnel", "organization", (
        "派驻人员任免意见 Opinion on the appointment of dispatched staff",
        "社区工作者考核 Appraisal of community workers",
    )),
    ("统筹协调 Coordination", "organization", (
        "召集联席会议 Convening the joint meeting",
        "吹哨调度部门 Whistling departments to the spot",
        "提请联合执法 Requesting joint law enforcement",
    )),
    ("规划参与 Planning", "housing", (
        "公共设施规划意见 Opinion on the planning of public facilities",
        "配套用房移交意见 Opinion on the hand-over of supporting buildings",
    )),
    ("重大事项 Major matters", "housing", (
        "公共资金使用意见 Opinion on the use of public funds",
        "老旧小区改造次序意见 Opinion on the priority of estate renewal",
    )),
    ("经费使用 Funds", "civil-affairs", (
        "为民服务资金使用 Use of the service fund",
        "群众工作经费使用 Use of the mass-work fund",
        "积分物资预算 Budget for points goods",
    )),
    ("评先推优 Honours", "organization", (
        "驻区单位推优 Nomination of resident units",
        "优秀业主推荐 Nomination of owners",
    )),
)  # fmt: skip
_OUTCOMES = ("ADOPTED", "ADOPTED", "ADOPTED", "PARTLY_ADOPTED", "PENDING")
_EXERCISES = 63


@dataclass(frozen=True, slots=True)
class PowerItem:
    id: str
    code: str
    category_code: str
    name: str
    name_en: str
    basis: str
    from_department_id: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class PowerCategory:
    id: str
    code: str
    name: str
    name_en: str
    items: tuple[PowerItem, ...]


@dataclass(frozen=True, slots=True)
class PowerGrant:
    id: str
    item_code: str
    community_id: str
    community_code: str
    start_on: date


@dataclass(frozen=True, slots=True)
class PowerExercise:
    n: int
    id: str
    item_code: str
    community_id: str
    community_code: str
    on: date
    subject: str
    outcome: str


@topic
def power_categories(as_of: date) -> tuple[PowerCategory, ...]:
    """Codes ``P1`` … ``P9`` and ``P1-1`` …"""
    effective = date(as_of.year - 2, 7, 1)
    return tuple(
        _category(number, label, department, items, effective)
        for number, (label, department, items) in enumerate(_CATALOGUE, start=1)
    )


@topic
def power_grants(as_of: date) -> tuple[PowerGrant, ...]:
    """Every community may exercise every item, from the item's day or its own founding."""
    return tuple(
        PowerGrant(
            id=stable_id("power-grant", item.code, community.code),
            item_code=item.code,
            community_id=community.id,
            community_code=community.code,
            start_on=max(item.effective_on, community.established_on),
        )
        for category in power_categories(as_of)
        for item in category.items
        for community in communities(as_of)
    )


@topic
def power_exercises(as_of: date) -> tuple[PowerExercise, ...]:
    """Three recorded uses a community in the year of the story."""
    random = rng("power-exercises")
    items = [item for category in power_categories(as_of) for item in category.items]
    uses = []
    for n in range(1, _EXERCISES + 1):
        community, item = communities(as_of)[n % 21], random.choice(items)
        on = random_day(random, date(as_of.year, 1, 5), date(as_of.year, 12, 20))
        uses.append(
            PowerExercise(
                n=n,
                id=stable_id("power-exercise", n),
                item_code=item.code,
                community_id=community.id,
                community_code=community.code,
                on=on,
                subject=f"{community.name}行使“{item.name}”",
                outcome=random.choice(_OUTCOMES),
            )
        )
    return tuple(uses)


def _category(number: int, label: str, department: str, items: tuple[str, ...], effective: date) -> PowerCategory:
    code = f"P{number}"
    name, _, english = label.partition(" ")
    return PowerCategory(
        id=stable_id("power-category", code),
        code=code,
        name=name,
        name_en=english,
        items=tuple(
            _item(f"{code}-{place}", code, item, department, effective) for place, item in enumerate(items, start=1)
        ),
    )


def _item(code: str, category_code: str, label: str, department: str, effective: date) -> PowerItem:
    name, _, english = label.partition(" ")
    return PowerItem(
        id=stable_id("power-item", code),
        code=code,
        category_code=category_code,
        name=name,
        name_en=english,
        basis="示例清单 Sample catalogue",
        from_department_id=department_id(department),
        effective_on=effective,
    )
