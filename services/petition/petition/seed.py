"""The demonstration county's part of this service, built by the domain from the shared facts."""

from collections.abc import Iterator

from govkit.domain import Aggregate
from govkit.seeding import Seeder, registered
from lanling_demo import petition_facts as facts
from lanling_demo.county import STREET
from lanling_demo.ids import stable_id
from petition.domain.categories import PetitionCategory
from petition.domain.claims import Claim, ClaimState, ClaimTargetType, MicroWish, VolunteerPost
from petition.domain.deliberation import (
    AgendaItem,
    AgendaKind,
    CouncilHall,
    CouncilMeeting,
    CouncilParty,
    MeetingNotice,
    MeetingState,
    NoticeChannel,
    Spokesperson,
    SpokespersonDuty,
    SpokespersonOrigin,
    SpokespersonScores,
    SpokespersonState,
)
from petition.domain.outreach import (
    DoorKnockingRound,
    LanzhixinTeam,
    MicroCollectionKind,
    MicroCollectionSession,
    WeChatGroup,
)
from petition.domain.vocabulary import ResponseLevel
from petition.seed_outreach import check_ins, collectors, posts, visits
from petition.seed_petitions import petitions, work_orders


async def seed(seeder: Seeder) -> None:
    """Registers with their events; what happened in the past as snapshots, so that it triggers nothing now."""
    await seeder.load("categories", categories())
    await seeder.load("halls", halls())
    await seeder.load("outreach", outreach())
    await seeder.load("check-ins", check_ins())
    await seeder.load("collectors", collectors())
    await seeder.load("posts-and-wishes", posts_and_wishes())
    await seeder.load("meetings", meetings(), snapshots=True)
    await seeder.load("spokespersons", spokespersons(), snapshots=True)
    await seeder.load("petitions", petitions(), snapshots=True)
    await seeder.load("work-orders", work_orders(), snapshots=True)
    await seeder.load("claims", claims(), snapshots=True)
    await seeder.load("visits", visits(), snapshots=True)
    await seeder.load("group-posts", posts(), snapshots=True)


def categories() -> Iterator[Aggregate]:
    departments = {department.code: department.id for department in facts.departments()}
    for fact in facts.categories():
        yield registered(
            PetitionCategory(
                id=stable_id("petition-category", fact.code),
                code=fact.code,
                parent_code=fact.parent_code,
                name=fact.name,
                name_en=fact.name_en,
                default_level=ResponseLevel[fact.default_level],
                department_id=departments[fact.department_code],
                private=fact.private,
                duplicate_radius_m=fact.duplicate_radius_m,
            )
        )


def halls() -> Iterator[Aggregate]:
    for fact in facts.council_halls():
        yield registered(
            CouncilHall(
                id=fact.id,
                name=fact.name,
                venue_id=fact.venue_id,
                community_id=fact.community_id,
                residential_area_id=fact.residential_area_id,
                registered_on=fact.registered_on,
            )
        )


def meetings() -> Iterator[Aggregate]:
    for fact in facts.council_meetings():
        yield CouncilMeeting(
            id=fact.id,
            hall_id=fact.hall_id,
            community_id=fact.community_id,
            month=fact.month,
            planned_at=fact.planned_at,
            meeting_place=fact.place,
            notices=[
                MeetingNotice(channel=NoticeChannel[channel], published_at=fact.notice_published_at)
                for channel in fact.notice_channels
                if fact.notice_published_at
            ],
            parties=[CouncilParty[party] for party in fact.participants],
            agenda=[AgendaItem(kind=AgendaKind[fact.agenda_kind], topic=fact.topic)],
            minutes=f"{fact.topic}:议定{fact.resolutions}项。" if fact.attendees else None,
            attendees=fact.attendees,
            resolutions=fact.resolutions,
            state=MeetingState[fact.state],
        )


def spokespersons() -> Iterator[Aggregate]:
    for fact in facts.spokespersons():
        political, organising, service = fact.scores
        yield Spokesperson(
            id=fact.id,
            name=fact.person.name,
            phone=fact.person.phone,
            resident_id=fact.resident_id,
            origin=SpokespersonOrigin[fact.origin],
            scores=SpokespersonScores(political=political, organising=organising, service=service),
            duties=[SpokespersonDuty[duty] for duty in fact.duties],
            hall_id=fact.hall_id,
            community_id=fact.community_id,
            start_on=fact.start_on,
            end_on=fact.end_on,
            state=SpokespersonState[fact.state],
        ).nominate()


def outreach() -> Iterator[Aggregate]:
    for team in facts.lanzhixin_teams():
        yield registered(
            LanzhixinTeam(
                id=team.id,
                name=team.name,
                community_id=team.community_id,
                leader_staff_id=team.leader_staff_id,
                member_staff_ids=list(team.member_staff_ids),
                residential_area_ids=list(team.residential_area_ids),
                formed_on=team.formed_on,
            )
        )
    for round_ in facts.door_knocking_rounds():
        yield registered(
            DoorKnockingRound(
                id=round_.id,
                number=round_.n,
                name=round_.name,
                street_id=STREET.id,
                from_on=round_.from_on,
                to_on=round_.to_on,
                target_households=round_.target_households,
                visits=round_.visits,
                needs_found=round_.needs_found,
            )
        )
    for session in facts.micro_collections():
        yield registered(
            MicroCollectionSession(
                id=session.id,
                kind=MicroCollectionKind[session.kind],
                community_id=session.community_id,
                held_at=session.held_at,
                held_in=session.place,
                attendees=session.attendees,
                items=session.items,
            )
        )
    for group in facts.wechat_groups():
        yield registered(
            WeChatGroup(
                id=group.id,
                name=group.name,
                residential_area_id=group.residential_area_id,
                community_id=group.community_id,
                owner_staff_id=group.owner_staff_id,
                member_count=group.member_count,
                created_on=group.created_on,
            )
        )


def posts_and_wishes() -> Iterator[Aggregate]:
    """Every slot is taken: see `claims`."""
    for post in facts.volunteer_posts():
        yield registered(
            VolunteerPost(
                id=post.id,
                title=post.title,
                community_id=post.community_id,
                residential_area_id=post.residential_area_id,
                slots=post.slots,
                claimed=post.slots,
                published_on=post.published_on,
            )
        )
    for wish in facts.micro_wishes():
        yield registered(
            MicroWish(
                id=wish.id,
                title=wish.title,
                community_id=wish.community_id,
                resident_id=wish.resident_id,
                published_on=wish.published_on,
            )
        )


def claims() -> Iterator[Aggregate]:
    slots: dict[str, int] = {}
    for fact in facts.claims():
        slot = slots[fact.target_id] = slots.get(fact.target_id, -1) + 1
        yield Claim(
            id=fact.id,
            target_type=ClaimTargetType[fact.target_type],
            target_id=fact.target_id,
            slot=slot,
            community_id=fact.community_id,
            claimant_id=fact.claimant_resident_id,
            claimed_at=fact.claimed_at,
            due_at=fact.due_at,
            completed_at=fact.confirmed_at,
            confirmed_at=fact.confirmed_at,
            released_at=fact.released_at,
            state=ClaimState[fact.state],
        )
