"""Each arrow of the choreography that ends here, whatever happens around its event (docs/choreography.md)."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from govkit.domain import Role
from govkit.references import Keep
from govkit.testing.arrows import Told, kept_events, prove_arrow, prove_kept
from points.domain.grants import GrantRequest
from points.service import SERVICE

if TYPE_CHECKING:
    from services.points.tests.conftest import Shop

COMMUNITY = "community-1"
CREATE_RULE = "mutation($i: CreateRuleInput!) { createRule(input: $i) { id } }"
UPDATE_PRODUCT = "mutation($i: UpdateProductInput!) { updateProduct(input: $i) { active } }"
PRODUCTS = """query($p: ID) { products(filter: {partnerId: {eq: $p}}) { edges { node {
    id code kind active pointsPrice supportOffer { id } } } } }"""
RULES = (
    ("DELIBERATION", "VOLUNTEER_ACTIVITY", 1),
    ("SUGGESTION_ADOPTED", "VOLUNTEER_ACTIVITY", 3),
    ("DISPUTE_REPORTED", "PEACEMAKING", 1),
    ("CHARITY_HELP", "TIMELY_HELP", 2),
)
ON = {"communityId": COMMUNITY, "mediatedOn": "2023-05-20"}


def fresh(name: str) -> str:
    return f"{name}-{uuid4().hex[:8]}"


@pytest.fixture(autouse=True, scope="module")
async def rules(service: Any, issuer: Any) -> None:
    admin = issuer.token(Role.ADMIN, sub="admin")
    for code, path, points in RULES:
        rule = {"code": code, "name": "规则", "path": path, "points": points, "validFrom": "2023-01-01"}
        await service.data(CREATE_RULE, {"i": rule}, admin)


@pytest.mark.parametrize(("keep", "event"), kept_events(SERVICE), ids=lambda value: getattr(value, "type_name", value))
async def test_records_of_organization_are_known(shop: "Shop", keep: Keep, event: str) -> None:
    await prove_kept(shop.service, keep, event)


@pytest.mark.parametrize(
    ("source", "event", "data", "points"),
    [
        ("petition", "deliberation.participated", {"councilMeetingId": "fact", "residentId": "?"}, 1),
        ("petition", "suggestion.adopted", {"councilMeetingId": "fact", "residentId": "?"}, 3),
        ("petition", "dispute.reported", {"mediationRecordId": "fact", "residentId": "?"}, 1),
        ("petition", "claim.confirmed", {"claimId": "fact", "claimantId": "?", "targetType": "MICRO_WISH"}, 2),
        ("petition", "claim.confirmed", {"claimId": "fact", "claimantId": "?", "targetType": "VOLUNTEER_POST"}, 1),
        (
            "red-partner",
            "event_attendance.confirmed",
            {"eventId": "fact", "residentId": "?", "ruleCode": "VOLUNTEER_HOUR", "minutes": 130},
            2,
        ),
        (
            "new-employment-group",
            "supervisor.report_confirmed",
            {"supervisorId": "s", "petitionId": "fact", "residentId": "?"},
            1,
        ),
    ],
)
async def test_a_fact_is_paid_once(shop: "Shop", source: str, event: str, data: dict[str, Any], points: int) -> None:
    """Whatever tells of it, and however often; the passbook is opened when there is none."""
    resident, fact = fresh("resident"), fresh("fact")
    values = {name: {"?": resident, "fact": fact}.get(value, value) for name, value in data.items()}

    async def seen() -> Any:
        return [grant.points for grant in await shop.grants_of(resident)]

    unknown = {name: fresh("nobody") for name, value in data.items() if value in ("?", "fact")}
    told = Told(source, event, fresh("subject"), values | ON)
    await prove_arrow(shop.service, told, seen, [points], unknown=unknown | {"communityId": "a community to come"})
    # Another event about the same fact.
    await Told(source, event, fresh("subject"), values | ON).to(shop.service, 1)
    assert await seen() == [points]


async def test_mediators_are_proposed_to_the_reviewer_once(shop: "Shop") -> None:
    mediators, record = [fresh("mediator"), fresh("mediator")], fresh("mediation")

    async def seen() -> Any:
        asked = await shop.service.store.find(GrantRequest, {"source_id": record})
        return sorted((item.resident_id, item.rule_code, item.quantity) for item in asked)

    told = {"mediationRecordId": record, "mediatorIds": mediators, "result": "AGREED", "petitionId": None} | ON
    expected = sorted((mediator, "DISPUTE_MEDIATED", 1) for mediator in mediators)
    arrow = Told("petition", "dispute.mediated", record, told)
    nobody = [fresh("nobody"), fresh("nobody")]
    unknown = {"mediationRecordId": fresh("other"), "mediatorIds": nobody, "communityId": "a community to come"}
    await prove_arrow(shop.service, arrow, seen, expected, unknown=unknown)
    apart = told | {"mediatorIds": [fresh("mediator")], "result": "NOT_AGREED"}
    await Told("petition", "dispute.mediated", fresh("mediation"), apart).to(shop.service, 1)
    assert await seen() == expected
    # Before mediators were named in these events.
    early = {name: value for name, value in told.items() if name != "mediatorIds"}
    await Told("petition", "dispute.mediated", fresh("mediation"), early).to(shop.service, 1)
    assert await seen() == expected


async def test_claims_of_partners_and_of_unknown_things_are_not_paid(shop: "Shop") -> None:
    claimant = fresh("claimant")
    claim = {"claimId": fresh("claim"), "claimantId": claimant, "communityId": COMMUNITY}
    for more in ({"targetType": "MICRO_WISH", "partnerId": "partner"}, {"targetType": "SOMETHING_LATER"}):
        await shop.service.receive("petition", "claim.confirmed", fresh("claim"), claim | more)
    assert await shop.grants_of(claimant) == []


async def test_a_listed_service_is_a_draft_until_an_administrator_offers_it(shop: "Shop") -> None:
    """The partner need not be known here."""
    partner, offer = fresh("partner"), fresh("offer")

    async def seen() -> Any:
        found = await shop.service.data(PRODUCTS, {"p": partner}, shop.admin)
        return [edge["node"] | {"id": None} for edge in found["products"]["edges"]]

    listed = {"supportOfferId": offer, "partnerId": partner, "communityId": COMMUNITY, "pointsPriceHint": 6}
    told = Told("red-partner", "partner.service_listed", offer, listed)
    other = {"supportOfferId": fresh("offer"), "partnerId": fresh("partner"), "pointsPriceHint": None}
    draft = {"id": None, "code": f"SERVICE-{offer}", "kind": "SERVICE", "active": False, "pointsPrice": 6}
    await prove_arrow(shop.service, told, seen, [draft | {"supportOffer": {"id": offer}}], unknown=other)
    (edge,) = (await shop.service.data(PRODUCTS, {"p": partner}, shop.admin))["products"]["edges"]
    offered = {"id": edge["node"]["id"], "name": "理发", "active": True}
    assert (await shop.service.data(UPDATE_PRODUCT, {"i": offered}, shop.admin))["updateProduct"] == {"active": True}
    await Told("red-partner", "partner.service_listed", offer, listed).to(shop.service, 4)
    assert [item["active"] for item in await seen()] == [True]
    gone = {"supportOfferId": offer, "partnerId": partner}
    withdrawn = Told("red-partner", "offer.withdrawn", offer, gone)
    off = [draft | {"active": False, "supportOffer": {"id": offer}}]
    await prove_arrow(shop.service, withdrawn, seen, off, unknown={"supportOfferId": fresh("offer")}, after=4)
