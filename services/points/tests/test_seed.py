"""The demonstration county in this service: the article's figures, exact, by community, over a sound ledger."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from govkit.bus.envelope import Envelope
from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from lanling_demo import points_facts as facts
from lanling_demo.county import communities
from points.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

FIGURES = {
    "supermarkets": 21,
    "pointsParticipants": 912,
    "pointsIssued": 4086,
    "pointsIssuedTimelyHelp": 986,
    "pointsIssuedVolunteerActivity": 2214,
    "pointsIssuedPeacemaking": 886,
    "redemptions": 402,
    "pointsRedeemed": 1530,
    "pointsOutstanding": 4086 - 1530,
    "products": 46,
    "recruitmentCalls": 21,
}
VERIFY = "{ verifyLedger { ok passbooks transactions posted held problems { check transactionId } } }"


async def test_article_figures_over_a_sound_ledger(
    infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str
) -> None:
    token = issuer.token(Role.AUDITOR)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True, demo_data=True) as service:
        await check_figures(service, token, "pointsStatistics", FIGURES)
        earned: Counter[str] = Counter()
        for grant in facts.grants():
            earned[grant.community_code] += grant.points
        for community in communities():
            document = (
                "query($id: ID) { pointsStatistics(communityId: $id) { supermarkets pointsParticipants pointsIssued } }"
            )
            answer: Any = await service.data(document, {"id": community.id}, token)
            assert answer["pointsStatistics"] == {
                "supermarkets": community.counts.supermarkets,
                "pointsParticipants": community.counts.points_participants,
                "pointsIssued": earned[community.code],
            }
        assert (await service.data(VERIFY, token=token))["verifyLedger"] == {
            "ok": True,
            "passbooks": 912,
            "transactions": len(facts.grants()) + 402,
            "posted": 2556,
            "held": 0,
            "problems": [],
        }
        balance = await service.data("{ trialBalance { difference rows { kind balance } } }", token=token)
        assert balance["trialBalance"]["difference"] == 0
        by_kind: Counter[str] = Counter()
        for row in balance["trialBalance"]["rows"]:
            by_kind[row["kind"]] += row["balance"]
        assert by_kind["ISSUANCE"] == -4086
        assert by_kind["RESIDENT"] == 2556
        assert by_kind["REDEMPTION"] + by_kind["SERVICE_REDEMPTION"] == 1530
        # The past is told as snapshots: nothing that acts on grants or redemptions hears of it.
        told = {Envelope.from_json(row["envelope"]).type async for row in service.store.database["outbox"].find()}
        assert {"cn.lanling.points.granted.v1", "cn.lanling.redemption.fulfilled.v1"}.isdisjoint(told)
        assert "cn.lanling.ledger_transaction.snapshot.v1" in told
