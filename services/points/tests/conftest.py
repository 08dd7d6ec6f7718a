"""A furnished points service for the tests of this directory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from govkit.domain import SYSTEM, FixedClock, Role
from govkit.store.unit_of_work import Cause, UnitOfWork
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from points.domain.ledger import LedgerTransaction
from points.domain.rules import EarningRule
from points.handlers.ledger import Fact, pay
from points.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

NOW = datetime(2023, 6, 1, 2, tzinfo=UTC)
TODAY = date(2023, 6, 1)
COMMUNITY = "community-1"

CREATE_RULE = "mutation($i: CreateRuleInput!) { createRule(input: $i) { id edition validFrom validTo } }"
OPEN_SHOP = "mutation($i: OpenSupermarketInput!) { openSupermarket(input: $i) { id } }"
CREATE_PRODUCT = "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }"
RECEIVE = "mutation($i: ReceiveStockInput!) { receiveStock(input: $i) { id quantity source } }"
RESERVE = """mutation($i: ReserveRedemptionInput!) { reserveRedemption(input: $i) {
    id number state totalPoints pickupCode expiresAt lines { quantity unitPoints } } }"""
FULFIL = "mutation($i: FulfilRedemptionInput!) { fulfilRedemption(input: $i) { state fulfilledBy pickupCode } }"
PASSBOOK = "query($r: ID!) { passbook(residentId: $r) { available held posted lifetimeEarned lifetimeSpent } }"
VERIFY = "{ verifyLedger { ok firstBrokenTransactionId problems { check transactionId passbookId } } }"

RULES: list[dict[str, Any]] = [
    {"code": "SUPERVISOR_REPORT", "name": "上报办结", "path": "VOLUNTEER_ACTIVITY", "points": 1, "capPerMonth": 3},
    {
        "code": "VOLUNTEER_HOUR",
        "name": "志愿服务",
        "path": "VOLUNTEER_ACTIVITY",
        "points": 1,
        "perHour": True,
        "maxHoursPerActivity": 2,
    },
    {"code": "DISPUTE_MEDIATED", "name": "化解矛盾", "path": "PEACEMAKING", "points": 3, "needsReview": True},
]


class Shop:
    """A running service with rules, one supermarket and two products; residents get points without ceremony."""

    def __init__(self, service: RunningService, issuer: Issuer, clock: FixedClock):
        self.service, self.issuer, self.clock = service, issuer, clock
        self.admin = issuer.token(Role.ADMIN, sub="admin")
        self.auditor = issuer.token(Role.AUDITOR, sub="auditor")
        self.id = self.mop = self.soap = ""

    async def legislate(self) -> None:
        data = {"communityId": COMMUNITY, "code": "371324001001", "streetId": "street-1"}
        await self.service.receive("organization", "community.established", COMMUNITY, data)
        for rule in RULES:
            await self.service.data(CREATE_RULE, {"i": rule | {"validFrom": "2023-01-01"}}, self.admin)

    async def furnish(self) -> None:
        shop = {"name": "示例积分超市", "communityId": COMMUNITY}
        self.id = (await self.service.data(OPEN_SHOP, {"i": shop}, self.admin))["openSupermarket"]["id"]
        self.manager = self.issuer.token(Role.SUPERMARKET_MANAGER, sub="manager", scope={"supermarketIds": [self.id]})
        self.mop = await self.product(15)
        self.soap = await self.product(2)

    async def product(self, price: int) -> str:
        product = {"code": uuid4().hex, "kind": "GOODS", "name": "示例", "unit": "个", "pointsPrice": price}
        return str((await self.service.data(CREATE_PRODUCT, {"i": product}, self.admin))["createProduct"]["id"])

    async def receive(self, product_id: str, quantity: int) -> None:
        goods = {"supermarketId": self.id, "productId": product_id, "quantity": quantity, "source": "STREET_COMMUNITY"}
        await self.service.data(RECEIVE, {"i": goods}, self.manager)

    async def resident(self, points: int, *lots: int) -> str:
        """A new resident with lots of so many points; the token's subject."""
        resident_id = f"resident-{uuid4().hex[:8]}"
        (rule,) = await self.service.store.find(EarningRule, {"code": "DISPUTE_MEDIATED"})
        for number, amount in enumerate((points, *lots)):
            cause = Cause(
                action="test",
                actor=SYSTEM,
                now=self.clock.now(),
                source="/lanling/points",
                correlation_id="test",
                causation_id="test",
                traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            )
            work = UnitOfWork(self.service.store, cause)
            fact = Fact(
                rule_code=rule.code,
                resident_id=resident_id,
                community_id=COMMUNITY,
                on=TODAY,
                source_service="test",
                source_type="TEST",
                source_id=str(number),
            )
            await pay(work, fact, rule, amount, now=self.clock.now(), by="system")
            await work.commit()
        return resident_id

    def token(self, resident_id: str) -> str:
        return self.issuer.token(Role.RESIDENT, sub=resident_id, scope={})

    def order(self, product_id: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
        lines = [{"productId": product_id, "quantity": quantity}]
        return {"supermarketId": self.id, "lines": lines, "clientMutationId": uuid4().hex} | more

    async def reserve(self, resident_id: str, order: dict[str, Any]) -> Any:
        answer = await self.service.data(RESERVE, {"i": order}, self.token(resident_id))
        return answer["reserveRedemption"]

    async def fulfil(self, reserved: Any) -> None:
        await self.service.data(FULFIL, {"i": {"id": reserved["id"], "code": reserved["pickupCode"]}}, self.manager)

    async def grants_of(self, resident_id: str) -> list[LedgerTransaction]:
        return await self.service.store.find(LedgerTransaction, {"resident_id": resident_id}, [("position", 1)])

    async def reserve_all(self, orders: list[tuple[str, dict[str, Any]]]) -> tuple[list[Any], Counter[str]]:
        """All at the same time: what succeeded, and the codes of the others."""
        answers = await asyncio.gather(
            *(self.service.query(RESERVE, {"i": order}, self.token(resident)) for resident, order in orders)
        )
        done = [answer["data"]["reserveRedemption"] for answer in answers if "errors" not in answer]
        return done, Counter(answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer)

    async def numbers(self, resident_id: str) -> tuple[int, int, int]:
        book = (await self.service.data(PASSBOOK, {"r": resident_id}, self.auditor))["passbook"]
        return book["available"], book["held"], book["posted"]

    async def stock(self, product_id: str) -> tuple[int, int]:
        document = "query($p: ID!) { stocks(filter: {productId: {eq: $p}}) { edges { node { onHand reserved } } } }"
        answer = await self.service.data(document, {"p": product_id}, self.auditor)
        (edge,) = answer["stocks"]["edges"]
        return edge["node"]["onHand"], edge["node"]["reserved"]

    async def require_sound_ledger(self) -> None:
        answer = await self.service.data(VERIFY, token=self.auditor)
        assert answer["verifyLedger"] == {"ok": True, "firstBrokenTransactionId": None, "problems": []}


@pytest_asyncio.fixture(scope="module")
async def service(
    infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str, clock: FixedClock
) -> AsyncIterator[RunningService]:
    settings: dict[str, Any] = {"pickup_code_secret": "a secret for tests only"}
    async with running(SERVICE, infrastructure, issuer, topic_prefix, clock=clock, **settings) as started:
        await Shop(started, issuer, clock).legislate()
        yield started


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def shop_of(issuer: Issuer, clock: FixedClock) -> Callable[[RunningService], Shop]:
    """A shop without anything in it, at a service that a test runs by itself."""
    return lambda service: Shop(service, issuer, clock)


@pytest_asyncio.fixture
async def shop(service: RunningService, issuer: Issuer, clock: FixedClock) -> AsyncIterator[Shop]:
    """A supermarket of the test's own; afterwards the ledger of the whole service must be sound."""
    made = Shop(service, issuer, clock)
    await made.furnish()
    yield made
    await made.require_sound_ledger()
