"""Who has a passbook and who may look into one."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from govkit.domain import Role

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"

OPEN_PASSBOOK = "mutation($i: OpenPassbookInput!) { openPassbook(input: $i) { id residentId available } }"
VERIFY = "{ verifyLedger { ok firstBrokenTransactionId problems { check transactionId passbookId } } }"


async def test_a_resident_opens_one_passbook(shop: "Shop") -> None:
    mine = shop.token("newcomer")
    answers = await asyncio.gather(
        *(shop.service.query(OPEN_PASSBOOK, {"i": {"communityId": COMMUNITY}}, mine) for _ in range(5))
    )
    codes = Counter(a["errors"][0]["extensions"]["code"] if "errors" in a else "done" for a in answers)
    assert codes == {"done": 1, "PTS_PASSBOOK_EXISTS": 4}
    other = {"residentId": "someone", "communityId": COMMUNITY}
    assert await shop.service.refusal(OPEN_PASSBOOK, {"i": other}, mine) == "AUTH_OUT_OF_SCOPE"
    unknown = {"communityId": "unknown"}
    assert await shop.service.refusal(OPEN_PASSBOOK, {"i": unknown}, shop.token("x")) == "GEN_REFERENCE_UNKNOWN"
    me = "{ me { id passbook { available } } myPassbook { residentId } }"
    assert await shop.service.data(me, token=mine) == {
        "me": {"id": "newcomer", "passbook": {"available": 0}},
        "myPassbook": {"residentId": "newcomer"},
    }


async def test_who_sees_what(shop: "Shop") -> None:
    await shop.receive(shop.soap, 5)
    resident = await shop.resident(9)
    await shop.reserve(resident, shop.order(shop.soap))
    document = """query($r: ID!) { resident(id: $r) { passbook { available } }
        passbooks(filter: {residentId: {eq: $r}}) { totalCount }
        ledgerTransactions(filter: {residentId: {eq: $r}}) { totalCount }
        pointsLots(filter: {residentId: {eq: $r}}) { totalCount }
        pointsHolds(filter: {residentId: {eq: $r}}) { totalCount }
        statement(residentId: $r) { balance }
        redemptions(filter: {residentId: {eq: $r}}) { totalCount edges { node { passbook { available } } } } }"""
    roles: list[tuple[str, bool, int]] = [
        (shop.token(resident), True, 1),
        (shop.token("stranger"), False, 0),
        (shop.manager, False, 1),
        (shop.issuer.token(Role.SUPERMARKET_MANAGER, sub="m2", scope={"supermarketIds": ["elsewhere"]}), False, 0),
        (shop.issuer.token(Role.PARTNER, sub="p", scope={"partnerId": "p"}), False, 0),
        (shop.issuer.token(Role.PROPERTY_ENTERPRISE, sub="e", scope={"enterpriseId": "e"}), False, 0),
        (shop.auditor, True, 1),
        (shop.issuer.token(Role.POINTS_REVIEWER, sub="r"), True, 1),
        (shop.issuer.token(Role.COMMUNITY_SECRETARY, sub="c", scope={"communityIds": [COMMUNITY]}), True, 1),
    ]
    for token, reads, redemptions in roles:
        seen = await shop.service.data(document, {"r": resident}, token)
        assert seen["resident"]["passbook"] == ({"available": 7} if reads else None)
        assert bool(seen["statement"]) == reads
        for name in ("passbooks", "ledgerTransactions", "pointsLots", "pointsHolds"):
            assert seen[name]["totalCount"] == int(reads), name
        assert seen["redemptions"]["totalCount"] == redemptions
        for edge in seen["redemptions"]["edges"]:
            assert edge["node"]["passbook"] == ({"available": 7} if reads else None)
    for token in (shop.token(resident), shop.manager):
        assert await shop.service.refusal(VERIFY, token=token) == "AUTH_FORBIDDEN"
        assert await shop.service.refusal("{ trialBalance { debits } }", token=token) == "AUTH_FORBIDDEN"
