"""Redemptions over HTTP, on the real database and broker: one unit, one balance, one code."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from govkit.domain import Role

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"

CREATE_PRODUCT = "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }"
RESERVE = """mutation($i: ReserveRedemptionInput!) { reserveRedemption(input: $i) {
    id number state totalPoints pickupCode expiresAt lines { quantity unitPoints } } }"""
FULFIL = "mutation($i: FulfilRedemptionInput!) { fulfilRedemption(input: $i) { state fulfilledBy pickupCode } }"
CANCEL = "mutation($i: CancelRedemptionInput!) { cancelRedemption(input: $i) { state } }"
REVERSE = "mutation($i: ReverseRedemptionInput!) { reverseRedemption(input: $i) { state } }"


async def test_fifty_residents_want_the_last_mop_and_one_gets_it(shop: "Shop") -> None:
    await shop.receive(shop.mop, 1)
    residents = [await shop.resident(20) for _ in range(50)]
    done, refused = await shop.reserve_all([(resident, shop.order(shop.mop)) for resident in residents])
    assert len(done) == 1
    assert refused == {"PTS_OUT_OF_STOCK": 49}
    assert await shop.stock(shop.mop) == (1, 1)
    balances = Counter([await shop.numbers(resident) for resident in residents])
    assert balances == {(20, 0, 20): 49, (5, 15, 20): 1}


async def test_fifty_residents_take_fifty_bars_of_soap_at_once(shop: "Shop") -> None:
    await shop.receive(shop.soap, 50)
    residents = [await shop.resident(2) for _ in range(50)]
    done, refused = await shop.reserve_all([(resident, shop.order(shop.soap)) for resident in residents])
    assert (len(done), refused) == (50, {})
    assert await shop.stock(shop.soap) == (50, 50)
    assert len({item["number"] for item in done}) == 50


async def test_two_reservations_beyond_one_balance(shop: "Shop") -> None:
    await shop.receive(shop.mop, 10)
    resident = await shop.resident(20)
    done, refused = await shop.reserve_all([(resident, shop.order(shop.mop)), (resident, shop.order(shop.mop))])
    assert len(done) == 1
    assert refused == {"PTS_INSUFFICIENT_POINTS": 1}
    assert await shop.numbers(resident) == (5, 15, 20)
    assert await shop.stock(shop.mop) == (10, 1)


async def test_the_same_request_twice_is_one_redemption(shop: "Shop") -> None:
    await shop.receive(shop.soap, 10)
    resident = await shop.resident(9)
    order = shop.order(shop.soap)
    done, refused = await shop.reserve_all([(resident, order)] * 5)
    assert (len({item["id"] for item in done}), refused) == (1, {})
    assert await shop.numbers(resident) == (7, 2, 9)
    other = shop.order(shop.soap, 2, clientMutationId=order["clientMutationId"])
    assert await shop.service.refusal(RESERVE, {"i": other}, shop.token(resident)) == "GEN_IDEMPOTENCY_MISMATCH"
    without = {name: value for name, value in shop.order(shop.soap).items() if name != "clientMutationId"}
    assert await shop.service.refusal(RESERVE, {"i": without}, shop.token(resident)) == "GEN_VALIDATION"


async def test_a_redemption_is_handed_over_against_its_code_and_reversed_once(shop: "Shop") -> None:
    await shop.receive(shop.soap, 5)
    resident = await shop.resident(3, 2)
    reserved = await shop.reserve(resident, shop.order(shop.soap, 2, expectedTotal=4))
    assert (reserved["state"], reserved["totalPoints"], len(reserved["pickupCode"])) == ("RESERVED", 4, 8)
    shown = "query($id: ID!) { redemption(id: $id) { pickupCode state } }"
    for token, code in ((shop.token(resident), reserved["pickupCode"]), (shop.manager, None), (shop.auditor, None)):
        assert (await shop.service.data(shown, {"id": reserved["id"]}, token))["redemption"]["pickupCode"] == code
    stored = await shop.service.store.database["redemption"].find_one({"_id": reserved["id"]})
    assert reserved["pickupCode"] not in str(stored)

    hand_over = {"id": reserved["id"], "code": reserved["pickupCode"].lower()}
    stranger = shop.issuer.token(Role.SUPERMARKET_MANAGER, sub="other", scope={"supermarketIds": ["elsewhere"]})
    assert await shop.service.refusal(FULFIL, {"i": hand_over}, stranger) == "AUTH_OUT_OF_SCOPE"
    assert await shop.service.refusal(FULFIL, {"i": hand_over}, shop.token(resident)) == "AUTH_FORBIDDEN"
    wrong = hand_over | {"code": "AAAAAAAA"}
    assert await shop.service.refusal(FULFIL, {"i": wrong}, shop.manager) == "PTS_CODE_INVALID"
    done = await shop.service.data(FULFIL, {"i": hand_over}, shop.manager)
    assert done["fulfilRedemption"] == {"state": "FULFILLED", "fulfilledBy": "manager", "pickupCode": None}
    assert await shop.service.refusal(FULFIL, {"i": hand_over}, shop.manager) == "PTS_ALREADY_FULFILLED"
    assert await shop.service.refusal(CANCEL, {"i": {"id": reserved["id"]}}, shop.manager) == "PTS_ALREADY_FULFILLED"
    assert await shop.numbers(resident) == (1, 0, 1)
    assert await shop.stock(shop.soap) == (3, 0)

    reviewer = shop.issuer.token(Role.POINTS_REVIEWER, sub="reviewer")
    undo = {"id": reserved["id"], "reason": "质量问题"}
    assert await shop.service.refusal(REVERSE, {"i": undo}, shop.manager) == "AUTH_FORBIDDEN"
    answers = await asyncio.gather(*(shop.service.query(REVERSE, {"i": undo}, reviewer) for _ in range(5)))
    codes = Counter(a["errors"][0]["extensions"]["code"] if "errors" in a else "done" for a in answers)
    assert codes == {"done": 1, "PTS_ALREADY_REVERSED": 4}
    assert await shop.numbers(resident) == (5, 0, 5)
    assert await shop.stock(shop.soap) == (5, 0)
    lots = "query($r: ID!) { pointsLots(filter: {residentId: {eq: $r}}) { edges { node { amount remaining held } } } }"
    nodes = [
        edge["node"] for edge in (await shop.service.data(lots, {"r": resident}, shop.auditor))["pointsLots"]["edges"]
    ]
    assert all(node["remaining"] == node["amount"] and node["held"] == 0 for node in nodes)
    statement = await shop.service.data("{ statement { position code change balance } }", token=shop.token(resident))
    assert [(line["code"], line["change"], line["balance"]) for line in statement["statement"]] == [
        ("REVERSE", 4, 5),
        ("REDEEM", -4, 1),
        ("GRANT", 2, 5),
        ("GRANT", 3, 3),
    ]
    told = [item.type.split(".", 2)[2] for item in await shop.service.published() if item.subject == reserved["id"]]
    assert told == ["redemption.reserved.v1", "redemption.fulfilled.v1", "redemption.reversed.v1"]


async def test_cancelling_gives_points_and_goods_back_and_a_week_later_nothing_is_handed_over(shop: "Shop") -> None:
    await shop.receive(shop.soap, 1)
    resident, other = await shop.resident(5), await shop.resident(5)
    reserved = await shop.reserve(resident, shop.order(shop.soap))
    cancel = {"i": {"id": reserved["id"]}}
    assert await shop.service.refusal(CANCEL, cancel, shop.token(other)) == "AUTH_OUT_OF_SCOPE"
    assert (await shop.service.data(CANCEL, cancel, shop.token(resident)))["cancelRedemption"]["state"] == "CANCELLED"
    assert await shop.service.refusal(CANCEL, cancel, shop.token(resident)) == "GEN_INVALID_STATE"
    assert await shop.numbers(resident) == (5, 0, 5)
    again = await shop.reserve(other, shop.order(shop.soap))
    shop.clock.advance(timedelta(days=7, seconds=1))
    late = {"id": again["id"], "code": again["pickupCode"]}
    assert await shop.service.refusal(FULFIL, {"i": late}, shop.manager) == "PTS_REDEMPTION_EXPIRED"
    await shop.service.data(CANCEL, {"i": {"id": again["id"]}}, shop.manager)
    assert await shop.stock(shop.soap) == (1, 0)


async def test_handed_over_or_cancelled_but_never_both(shop: "Shop") -> None:
    await shop.receive(shop.soap, 10)
    resident = await shop.resident(3, 2, 4)
    fates: Counter[str] = Counter()
    for _ in range(4):
        reserved = await shop.reserve(resident, shop.order(shop.soap))
        hand_over = {"id": reserved["id"], "code": reserved["pickupCode"]}
        answers = await asyncio.gather(
            *(shop.service.query(FULFIL, {"i": hand_over}, shop.manager) for _ in range(2)),
            *(shop.service.query(CANCEL, {"i": {"id": reserved["id"]}}, shop.token(resident)) for _ in range(2)),
        )
        done = [next(iter(answer["data"].values()))["state"] for answer in answers if "errors" not in answer]
        assert len(done) == 1
        fates[done[0]] += 1
    spent = 2 * fates["FULFILLED"]
    assert await shop.numbers(resident) == (9 - spent, 0, 9 - spent)
    assert await shop.stock(shop.soap) == (10 - fates["FULFILLED"], 0)


async def test_orders_are_refused_with_a_precise_code_and_change_nothing(shop: "Shop") -> None:
    await shop.receive(shop.soap, 1)
    resident = await shop.resident(5)
    before = await shop.service.store.database["audit"].count_documents({})
    cases = [
        (shop.order(shop.soap, expectedTotal=3), "PTS_PRICE_CHANGED"),
        (shop.order(shop.mop), "PTS_OUT_OF_STOCK"),
        (shop.order(shop.soap, 2), "PTS_OUT_OF_STOCK"),
        (shop.order("unknown"), "GEN_REFERENCE_UNKNOWN"),
        (shop.order(shop.soap, 0), "GEN_VALIDATION"),
        (shop.order(shop.soap, lines=[]), "PTS_PRODUCT_NOT_OFFERED"),
        (shop.order(shop.soap, partnerId="partner"), "PTS_SHOP_REQUIRED"),
        (shop.order(shop.soap, supermarketId="unknown"), "GEN_REFERENCE_UNKNOWN"),
        (shop.order(shop.soap, supermarketId=None, partnerId="partner"), "PTS_PRODUCT_NOT_OFFERED"),
    ]
    for order, code in cases:
        assert await shop.service.refusal(RESERVE, {"i": order}, shop.token(resident)) == code, order
    assert (
        await shop.service.refusal(RESERVE, {"i": shop.order(shop.soap)}, shop.token("stranger")) == "PTS_NO_PASSBOOK"
    )
    assert await shop.service.store.database["audit"].count_documents({}) == before


async def test_a_service_of_a_partner_is_redeemed_without_stock(shop: "Shop") -> None:
    haircut = {
        "code": "haircut",
        "kind": "SERVICE",
        "name": "理发",
        "unit": "次",
        "pointsPrice": 8,
        "partnerId": "partner-1",
    }
    product = (await shop.service.data(CREATE_PRODUCT, {"i": haircut}, shop.admin))["createProduct"]["id"]
    without = {name: value for name, value in haircut.items() if name != "partnerId"} | {"code": "other"}
    assert await shop.service.refusal(CREATE_PRODUCT, {"i": without}, shop.admin) == "PTS_PARTNER_REQUIRED"
    resident = await shop.resident(10)
    reserved = await shop.reserve(resident, shop.order(product, supermarketId=None, partnerId="partner-1"))
    partner = shop.issuer.token(Role.PARTNER, sub="p", scope={"partnerId": "partner-1"})
    await shop.service.data(FULFIL, {"i": {"id": reserved["id"], "code": reserved["pickupCode"]}}, partner)
    rows = (await shop.service.data("{ trialBalance { rows { accountId balance } } }", token=shop.auditor))[
        "trialBalance"
    ]
    assert {"accountId": "SERVICE_REDEMPTION:partner-1", "balance": 8} in rows["rows"]
