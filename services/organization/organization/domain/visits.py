"""Visits of county leaders to the communities of their contact points."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import Aggregate, Doc, Event, Id, Name, Nulled, Range, Ref, event
from organization.domain.errors import OrgError
from organization.domain.workforce import ContactPoint


@event("contact_visit.recorded")
class ContactVisitRecorded(Event):
    """联系点走访 A county leader visited the community of a contact point"""

    contact_visit_id: Annotated[Id, Doc("走访 Visit")]
    contact_point_id: Annotated[Id, Doc("联系点 Contact point")]
    community_id: Annotated[Id, Doc("社区 Community")]
    visited_on: Annotated[date, Doc("走访日期 Visited on")]
    problems_raised: Annotated[int, Doc("反映问题数 Problems raised")]


@dataclass(kw_only=True)
class ContactVisit(Aggregate):
    """联系点走访记录 Visit of a county leader to the community of a contact point"""

    contact_point_id: Annotated[Id, Doc("联系点 Contact point"), Ref("ContactPoint", inverse="visits")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="contact_visits")]
    visited_on: Annotated[date, Doc("走访日期 Visited on")]
    topics: Annotated[list[Name], Doc("主题 Topics")]
    problems_raised: Annotated[int, Doc("反映问题数 Problems raised"), Range(0, 1_000)] = 0
    petition_ids: Annotated[list[Id], Doc("形成的诉求 Petitions that came of it"), Ref("Petition"), Nulled] = field(
        default_factory=list
    )

    @classmethod
    def record_visit(
        cls,
        *,
        id: str,
        point: ContactPoint,
        visited_on: date,
        topics: list[str],
        problems_raised: int,
        petition_ids: list[str],
    ) -> "ContactVisit":
        """A visit of `point`; its last visit is the latest of all. Raises ORG_PERIOD_INVALID."""
        if visited_on < point.start_on:
            raise OrgError.PERIOD_INVALID(field="visitedOn", start=point.start_on.isoformat())
        visit = cls(
            id=id,
            contact_point_id=point.id,
            community_id=point.community_id,
            visited_on=visited_on,
            topics=topics,
            problems_raised=problems_raised,
            petition_ids=petition_ids,
        )
        visit.record(ContactVisitRecorded)
        if point.last_visit_on is None or point.last_visit_on < visited_on:
            point.last_visit_on = visited_on
            point.registered("changed")
        return visit
