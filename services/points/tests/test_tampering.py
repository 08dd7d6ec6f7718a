"""verifyLedger against a database that somebody has changed."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"

VERIFY = "{ verifyLedger { ok firstBrokenTransactionId problems { check transactionId passbookId } } }"
RESERVE = """mutation($i: ReserveRedemptionInput!) { reserveRedemption(input: $i) {
    id number state totalPoints pickupCode expiresAt lines { quantity unitPoints } } }"""


async def test_one_changed_byte_is_found_and_named(shop: "Shop") -> None:
    await shop.receive(shop.soap, 5)
    residents = [await shop.resident(4, 3) for _ in range(3)]
    for resident in residents:
        reserved = await shop.reserve(resident, shop.order(shop.soap))
        await shop.fulfil(reserved)
    await shop.require_sound_ledger()
    rows = shop.service.store.database["ledger_transaction"]
    victim = (await shop.grants_of(residents[1]))[1]
    document = await rows.find_one({"_id": victim.id})
    assert document is not None
    changed: list[dict[str, Any]] = [
        {"points": 4},
        {"postings": [document["postings"][0] | {"points": 4}]},
        {"posted_by": "systen"},
        {"rule_code": "DISPUTE_MEDIATEE"},
        {"code": "GRANS"},
        {"hash": "0" + document["hash"][1:] if document["hash"][0] != "0" else "1" + document["hash"][1:]},
        {"posted_at": document["posted_at"] + timedelta(milliseconds=1)},
        {"created_by": "systen"},
        {"passbook_id": "moved"},
        {"note": "added"},
    ]
    for change in changed:
        await rows.update_one({"_id": victim.id}, {"$set": change})
        found = (await shop.service.data(VERIFY, token=shop.auditor))["verifyLedger"]
        assert (found["ok"], found["firstBrokenTransactionId"]) == (False, victim.id), (change, found)
        await rows.replace_one({"_id": victim.id}, document)
    await shop.require_sound_ledger()
    await rows.delete_one({"_id": victim.id})
    assert not (await shop.service.data(VERIFY, token=shop.auditor))["verifyLedger"]["ok"]
    await rows.insert_one(document)
    for collection, name in (("points_lot", "remaining"), ("points_passbook", "posted"), ("points_hold", "amount")):
        await shop.service.store.database[collection].update_one({"resident_id": residents[2]}, {"$inc": {name: 1}})
        found = (await shop.service.data(VERIFY, token=shop.auditor))["verifyLedger"]
        assert not found["ok"]
        if collection == "points_lot":
            # A passbook that disagrees with its lots moves nothing until somebody has looked at it.
            order = {"i": shop.order(shop.soap)}
            assert await shop.service.refusal(RESERVE, order, shop.token(residents[2])) == "PTS_LEDGER_INCONSISTENT"
        await shop.service.store.database[collection].update_one({"resident_id": residents[2]}, {"$inc": {name: -1}})
