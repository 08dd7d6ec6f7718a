"""The demonstration county in this service: the article's figures, exact, as numbers, as lists and by community."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from govkit.domain import Role
from govkit.testing.figures import check_figures
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from lanling_demo import red_partner_facts as facts
from lanling_demo.county import communities
from red_partner.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

ATTENDED = [registration for registration in facts.registrations() if registration.state == "ATTENDED"]
FIGURES = {
    "partners": 350,
    "events": 284,
    "offers": 350,
    "attendances": len(ATTENDED),
    "volunteerMinutes": sum(registration.minutes for registration in ATTENDED),
}


async def test_article_figures(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> None:
    token = issuer.token(Role.AUDITOR)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, seeded=True) as service:
        await check_figures(service, token, "redPartnerStatistics", FIGURES)
        for community in communities():
            answer: Any = await service.data(
                "query($id: ID) { redPartnerStatistics(communityId: $id) { partners events } }",
                {"id": community.id},
                token,
            )
            expected = {"partners": community.counts.partners, "events": community.counts.events}
            assert answer["redPartnerStatistics"] == expected, community.name
        types = Counter(event.type.removeprefix("cn.lanling.") for event in await service.published())
        assert types == {
            "variety_rule.registered.v1": 1,
            "partner.applied.v1": 350,
            "partner.review_started.v1": 350,
            "partner.approved.v1": 350,
            "partner.agreement_signed.v1": 350,
            "offer.published.v1": 350,
            "community_event.snapshot.v1": 284,
            "registration.snapshot.v1": len(facts.registrations()),
        }
        listed = await service.data(
            """{ communityEvents(filter: {title: {contains: "骑”乐无穷"}}) { edges { node { themeKey seatsTaken
                 attendees noShows partners { category eventsCount communityEvents { totalCount } }
                 registrations { totalCount } } } } }""",
            token=token,
        )
        (edge,) = listed["communityEvents"]["edges"]
        cycling = edge["node"]
        assert cycling["themeKey"] == "cycling"
        assert cycling["registrations"]["totalCount"] == 6
        assert cycling["attendees"] + cycling["noShows"] == cycling["seatsTaken"]
        for partner in cycling["partners"]:
            assert partner["eventsCount"] == partner["communityEvents"]["totalCount"]
