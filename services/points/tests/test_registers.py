"""Rules, stock and passbooks as officers keep them, over HTTP on the real database."""

from typing import TYPE_CHECKING

from govkit.domain import Role

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"
CREATE_RULE = "mutation($i: CreateRuleInput!) { createRule(input: $i) { edition validTo } }"
CREATE_PRODUCT = "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }"
UPDATE_SHOP = "mutation($i: UpdateSupermarketInput!) { updateSupermarket(input: $i) { state } }"
RECEIVE = "mutation($i: ReceiveStockInput!) { receiveStock(input: $i) { id quantity donorUnitId } }"
RESERVE = "mutation($i: ReserveRedemptionInput!) { reserveRedemption(input: $i) { id } }"
FREEZE = "mutation($i: FreezePassbookInput!) { freezePassbook(input: $i) { state } }"
UNFREEZE = "mutation($i: UnfreezePassbookInput!) { unfreezePassbook(input: $i) { state } }"
SUBMIT = "mutation($i: SubmitGrantInput!) { submitGrant(input: $i) { id } }"
APPROVE = "mutation($i: ApproveGrantInput!) { approveGrant(input: $i) { state } }"


async def test_stock_comes_from_somewhere(shop: "Shop") -> None:
    unit = {"residentUnitId": "unit-1", "communityId": COMMUNITY}
    await shop.service.receive("organization", "resident_unit.registered", "unit-1", unit)
    goods = {"supermarketId": shop.id, "productId": shop.soap, "quantity": 3, "source": "DUAL_CHECKIN_UNIT"}
    assert await shop.service.refusal(RECEIVE, {"i": goods}, shop.manager) == "PTS_DONOR_REQUIRED"
    unknown = {"i": goods | {"donorUnitId": "unknown"}}
    assert await shop.service.refusal(RECEIVE, unknown, shop.manager) == "GEN_REFERENCE_UNKNOWN"
    stranger = shop.issuer.token(Role.SUPERMARKET_MANAGER, sub="s", scope={"supermarketIds": ["elsewhere"]})
    donated = {"i": goods | {"donorUnitId": "unit-1"}}
    assert await shop.service.refusal(RECEIVE, donated, stranger) == "AUTH_OUT_OF_SCOPE"
    assert (await shop.service.data(RECEIVE, donated, shop.manager))["receiveStock"]["donorUnitId"] == "unit-1"
    assert await shop.stock(shop.soap) == (3, 0)


async def test_a_closed_supermarket_and_a_frozen_passbook_redeem_nothing(shop: "Shop") -> None:
    await shop.receive(shop.soap, 3)
    resident = await shop.resident(9)
    mine = shop.token(resident)
    await shop.service.data(UPDATE_SHOP, {"i": {"id": shop.id, "state": "CLOSED"}}, shop.admin)
    assert await shop.service.refusal(RESERVE, {"i": shop.order(shop.soap)}, mine) == "PTS_SUPERMARKET_CLOSED"
    await shop.service.data(UPDATE_SHOP, {"i": {"id": shop.id, "state": "OPEN"}}, shop.admin)
    passbook = (await shop.service.data("{ myPassbook { id } }", token=mine))["myPassbook"]
    reviewer = shop.issuer.token(Role.POINTS_REVIEWER, sub="reviewer")
    frozen = {"i": {"id": passbook["id"], "reason": "核查"}}
    assert await shop.service.refusal(FREEZE, frozen, mine) == "AUTH_FORBIDDEN"
    assert (await shop.service.data(FREEZE, frozen, reviewer))["freezePassbook"]["state"] == "FROZEN"
    assert await shop.service.refusal(RESERVE, {"i": shop.order(shop.soap)}, mine) == "PTS_PASSBOOK_FROZEN"
    assert (await shop.service.data(UNFREEZE, frozen, reviewer))["unfreezePassbook"]["state"] == "ACTIVE"
    await shop.reserve(resident, shop.order(shop.soap))


async def test_codes_and_editions(shop: "Shop") -> None:
    product = {"code": shop.id, "kind": "GOODS", "name": "示例", "unit": "个", "pointsPrice": 1}
    await shop.service.data(CREATE_PRODUCT, {"i": product}, shop.admin)
    assert await shop.service.refusal(CREATE_PRODUCT, {"i": product}, shop.admin) == "PTS_CODE_EXISTS"
    rule = {"code": "CAPPED", "name": "限额", "path": "TIMELY_HELP", "points": 2, "capPerDay": 3}
    for edition, start in enumerate(("2023-01-01", "2023-05-01"), start=1):
        made = await shop.service.data(CREATE_RULE, {"i": rule | {"validFrom": start}}, shop.admin)
        assert made["createRule"] == {"edition": edition, "validTo": None}
    again = {"i": rule | {"validFrom": "2023-05-01"}}
    assert await shop.service.refusal(CREATE_RULE, again, shop.admin) == "PTS_RULE_INVALID"
    clerk = shop.issuer.token(Role.COMMUNITY_SECRETARY, sub="clerk", scope={"communityIds": [COMMUNITY]})
    reviewer = shop.issuer.token(Role.POINTS_REVIEWER, sub="reviewer")
    assert await shop.service.refusal(CREATE_RULE, again, clerk) == "AUTH_FORBIDDEN"
    request = {"residentId": "w", "communityId": COMMUNITY, "ruleCode": "CAPPED", "occurredOn": "2023-05-31"}
    first, second = [(await shop.service.data(SUBMIT, {"i": request}, clerk))["submitGrant"]["id"] for _ in range(2)]
    await shop.service.data(APPROVE, {"i": {"id": first}}, reviewer)
    assert await shop.service.refusal(APPROVE, {"i": {"id": second}}, reviewer) == "PTS_CAP_EXCEEDED"
