"""Party members who report to the community where they live (双报到), and the opinion collectors picked from them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    STAFF,
    Actor,
    Aggregate,
    Doc,
    Hidden,
    Id,
    Privacy,
    Ref,
    Register,
    Unique,
    Visibility,
)
from petition.domain.errors import PetError
from petition.domain.outreach import COMMUNITY_STAFF


@dataclass(kw_only=True)
class PartyMemberCheckIn(Aggregate):
    """在职党员社区报到 Check-in of an in-service Party member with the community where he or she lives"""

    UNIQUE = (Unique(("resident_id",), PetError.CHECK_IN_EXISTS),)
    REGISTER = Register(*COMMUNITY_STAFF, created="recorded", create="checkInPartyMember")

    # Party membership of a private person: who it is leaves neither in events nor in lists (domain reference 3.8).
    resident_id: Annotated[Id, Doc("党员 Party member"), Ref("Resident"), Hidden, Privacy.P3]
    community_id: Annotated[Id, Doc("居住地社区 Home community"), Ref("Community", inverse="party_member_check_ins")]
    since: Annotated[date, Doc("报到日期 Reported on")]
    until: Annotated[date | None, Doc("转出日期 Until; moved away or retired")] = None

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff all, without the person; everyone else their own."""
        return EVERYTHING if actor.roles & STAFF else ({"resident_id": actor.id},)

    def check(self) -> None:
        if self.until is not None and self.until < self.since:
            raise PetError.PERIOD_INVALID(field="until", start=self.since.isoformat())


@dataclass(kw_only=True)
class OpinionCollector(Aggregate):
    """兼职民情员 Part-time opinion collector, picked from the Party members who reported"""

    UNIQUE = (Unique(("check_in_id",), PetError.COLLECTOR_EXISTS),)
    REGISTER = Register(*COMMUNITY_STAFF, created="appointed", create="appointOpinionCollector")

    check_in_id: Annotated[
        Id, Doc("报到记录 Check-in"), Ref("PartyMemberCheckIn", inverse="opinion_collector", single=True)
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="opinion_collectors")]
    residential_area_ids: Annotated[
        list[Id], Doc("负责小区 Residential areas"), Ref("ResidentialArea", inverse="opinion_collectors")
    ]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date | None, Doc("结束日期 Until")] = None

    def check(self) -> None:
        if self.end_on is not None and self.end_on < self.start_on:
            raise PetError.PERIOD_INVALID(field="endOn", start=self.start_on.isoformat())
