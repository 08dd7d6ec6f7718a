"""The points supermarkets: 40 goods and 6 services with their price in points, stock and where it came from."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from .county import communities
from .ids import stable_id
from .partners import partners
from .staff import Person, person
from .story import rng, topic
from .venues import resident_units

STREET_COMMUNITY, DUAL_CHECKIN_UNIT = "STREET_COMMUNITY", "DUAL_CHECKIN_UNIT"
STREET_SHARE = 61  # percent of all units received
STOCKED = 26  # goods in each supermarket

# Code, name, unit, category, price. The first seventeen are stocked everywhere.
_GOODS = """
toothbrush 牙刷 支 日用 2|soap 肥皂 块 日用 2|tissue 抽纸 包 日用 2|towel 毛巾 条 日用 3
toothpaste 牙膏 支 日用 3|salt 食盐 袋 食品 2|dish-soap 洗洁精 瓶 日用 4|noodles 挂面 袋 食品 4
washing-powder 洗衣粉 袋 日用 5|vinegar 食醋 瓶 食品 5|umbrella 雨伞 把 日用 6|shampoo 洗发水 瓶 日用 8
basin 脸盆 个 日用 8|oil 食用油 桶 食品 10|kettle 水壶 个 家用 12|mop 拖把 把 家用 15
casserole 砂锅 个 家用 20|comb 梳子 把 日用 2|sponge 百洁布 包 日用 2|gloves 手套 副 日用 3
notebook 笔记本 本 文具 3|pens 中性笔 盒 文具 4|socks 袜子 双 日用 4|hangers 衣架 组 家用 4
bin-bags 垃圾袋 卷 日用 3|soy-sauce 酱油 瓶 食品 5|sugar 白糖 袋 食品 4|eggs 鸡蛋 盒 食品 8
rice 大米 袋 食品 10|flour 面粉 袋 食品 9|milk 牛奶 箱 食品 14|thermos 保温杯 个 家用 9
lunch-box 饭盒 个 家用 7|slippers 拖鞋 双 日用 6|broom 扫帚 把 家用 6|bath-towel 浴巾 条 日用 9
pillowcase 枕套 对 家用 7|torch 手电筒 支 家用 8|extension-lead 插线板 个 家用 12|chopsticks 筷子 包 家用 3
"""
_SERVICES = (
    ("haircut", "理发一次", 8, "HAIR_BEAUTY"),
    ("bicycle-service", "自行车保养一次", 6, "BICYCLE"),
    ("family-portrait", "全家福一张", 15, "WEDDING_PHOTO"),
    ("trial-lesson", "体验课一节", 5, "TRAINING"),
    ("breakfast", "爱心早餐一份", 4, "CATERING"),
    ("home-cleaning", "家政一小时", 12, "OTHER"),
)


@dataclass(frozen=True, slots=True)
class Product:
    """``kind`` GOODS or SERVICE; a service is given by a partner."""

    id: str
    code: str
    kind: str
    name: str
    unit: str
    category: str
    points_price: int
    partner_id: str | None
    partner_number: int | None


@dataclass(frozen=True, slots=True)
class Supermarket:
    n: int
    id: str
    name: str
    venue_id: str
    venue_kind: str
    community_id: str
    community_code: str
    manager: Person
    opens: str
    closes: str
    state: str
    opened_on: date
    product_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StockReceipt:
    """``source`` STREET_COMMUNITY or DUAL_CHECKIN_UNIT; the latter names the donor."""

    n: int
    id: str
    supermarket_n: int
    supermarket_id: str
    product_code: str
    product_id: str
    quantity: int
    source: str
    donor_unit_id: str | None
    received_on: date


@topic
def products(as_of: date) -> tuple[Product, ...]:
    """Goods, then services."""
    return (*(_good(line) for line in _lines()), *(_service(place, as_of) for place in range(len(_SERVICES))))


@topic
def products_by_code(as_of: date) -> dict[str, Product]:
    return {product.code: product for product in products(as_of)}


@topic
def supermarkets(as_of: date) -> tuple[Supermarket, ...]:
    """One in each community: at its practice station where it has one, else at its centre."""
    found = []
    for community in communities(as_of):
        practice = community.number % 3 == 0
        key = f"{'practice' if practice else 'center'}/{community.code}"
        found.append(
            Supermarket(
                n=community.number,
                id=stable_id("supermarket", community.number),
                name=f"{community.stem}积分超市",
                venue_id=stable_id("venue", key),
                venue_kind="CIVILIZATION_PRACTICE_STATION" if practice else "COMMUNITY_CENTER",
                community_id=community.id,
                community_code=community.code,
                manager=person("supermarket-manager", community.number, 1400),
                opens="09:00",
                closes="17:00",
                state="OPEN",
                opened_on=date(as_of.year - 1, 12, 1) + timedelta(days=community.index),
                product_codes=_assortment(community.number),
            )
        )
    return tuple(found)


@topic
def stock_receipts(as_of: date) -> tuple[StockReceipt, ...]:
    """All in January. Of all units 61 % come from street and communities, 39 % from units that report there."""
    lots = [(shop.n, code) for shop in supermarkets(as_of) for code in shop.product_codes]
    random = rng("stock")
    quantities = [random.randrange(40, 100, 5) for _ in lots]
    quantities[-1] += -sum(quantities) % 100
    order = list(range(len(lots)))
    random.shuffle(order)
    left = sum(quantities) * STREET_SHARE // 100
    pieces: list[tuple[int, int, str]] = []
    for index in order:
        street = min(left, quantities[index])
        left -= street
        pieces += [(index, street, STREET_COMMUNITY), (index, quantities[index] - street, DUAL_CHECKIN_UNIT)]
    kept = sorted(piece for piece in pieces if piece[1])
    return tuple(
        _receipt(n, *lots[index], quantity, source, as_of) for n, (index, quantity, source) in enumerate(kept, 1)
    )


@cache
def _lines() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(item.split()) for line in _GOODS.strip().splitlines() for item in line.split("|"))


@cache
def _assortment(supermarket: int) -> tuple[str, ...]:
    codes = [line[0] for line in _lines()]
    core = codes[:17]
    more = rng("assortment", supermarket).sample(codes[17:], STOCKED - len(core))
    return tuple(code for code in codes if code in core or code in more)


def _good(line: tuple[str, ...]) -> Product:
    code, name, unit, category, price = line
    return Product(stable_id("product", code), code, "GOODS", name, unit, category, int(price), None, None)


def _service(place: int, as_of: date) -> Product:
    code, name, price, category = _SERVICES[place]
    partner = next(item for item in partners(as_of) if item.category == category)
    return Product(stable_id("product", code), code, "SERVICE", name, "次", "服务", price, partner.id, partner.n)


def _receipt(n: int, supermarket: int, code: str, quantity: int, source: str, as_of: date) -> StockReceipt:
    units = resident_units(as_of)
    donated = source == DUAL_CHECKIN_UNIT
    return StockReceipt(
        n=n,
        id=stable_id("stock-receipt", n),
        supermarket_n=supermarket,
        supermarket_id=stable_id("supermarket", supermarket),
        product_code=code,
        product_id=stable_id("product", code),
        quantity=quantity,
        source=source,
        donor_unit_id=units[2 * (supermarket - 1) + n % 2].id if donated else None,
        received_on=date(as_of.year, 1, 3) + timedelta(days=n % 20),
    )
