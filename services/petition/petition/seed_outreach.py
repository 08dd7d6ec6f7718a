"""Check-ins, opinion collectors, household visits and group posts of the demonstration county: a sample of each."""

from collections.abc import Iterator
from datetime import timedelta

from govkit.domain import Aggregate
from govkit.seeding import registered
from lanling_demo import petition_facts as facts
from lanling_demo.calendar import at
from lanling_demo.county import communities
from lanling_demo.ids import stable_id
from lanling_demo.residents import others_by_community
from lanling_demo.story import rng
from petition.domain.check_ins import OpinionCollector, PartyMemberCheckIn
from petition.domain.outreach import GroupPost, GroupPostKind, HouseholdVisit, HouseholdVisitResult

CHECK_INS_PER_COMMUNITY = 6
COLLECTORS_PER_COMMUNITY = 2
VISITS_PER_TEAM = 4
POSTS_PER_GROUP = 2
RESULTS = (HouseholdVisitResult.MET,) * 3 + (HouseholdVisitResult.ABSENT,)


def check_ins() -> Iterator[Aggregate]:
    """Six members of each community."""
    for community in communities():
        for n, resident in enumerate(others_by_community()[community.code][:CHECK_INS_PER_COMMUNITY]):
            yield registered(
                PartyMemberCheckIn(
                    id=check_in_id(community.code, n),
                    resident_id=resident.id,
                    community_id=community.id,
                    since=facts.lanzhixin_teams()[0].formed_on + timedelta(days=7 * n),
                )
            )


def collectors() -> Iterator[Aggregate]:
    """The first two who reported in each community."""
    areas = areas_by_community()
    for community in communities():
        for n in range(COLLECTORS_PER_COMMUNITY):
            yield registered(
                OpinionCollector(
                    id=stable_id("opinion-collector", community.code, n),
                    check_in_id=check_in_id(community.code, n),
                    community_id=community.id,
                    residential_area_ids=areas[community.id][n::COLLECTORS_PER_COMMUNITY],
                    start_on=facts.lanzhixin_teams()[0].formed_on + timedelta(days=60),
                )
            )


def visits() -> Iterator[Aggregate]:
    """Four of each team in the latest round; the other visits of a round are known as its count only."""
    round_ = facts.door_knocking_rounds()[-1]
    for team in facts.lanzhixin_teams():
        for n in range(VISITS_PER_TEAM):
            random = rng("household-visit", team.n, n)
            result = random.choice(RESULTS)
            yield HouseholdVisit(
                id=stable_id("household-visit", team.n, n),
                round_id=round_.id,
                household_ref=f"HH-{team.n:04}{n:02}",
                community_id=team.community_id,
                team_id=team.id,
                visited_on=round_.from_on + timedelta(days=random.randrange((round_.to_on - round_.from_on).days + 1)),
                result=result,
                needs=random.randrange(3) if result is HouseholdVisitResult.MET else 0,
            )


def posts() -> Iterator[Aggregate]:
    """Two in each group: one on policy or an event to come, one to talk about."""
    first = facts.door_knocking_rounds()[0].from_on
    titles = {
        GroupPostKind.POLICY: "物业服务收费政策解读",
        GroupPostKind.EVENT_PREVIEW: "周末邻里活动预告",
        GroupPostKind.TOPIC: "群里有话说：小区停车怎么停",
        GroupPostKind.ANSWER: "上期话题答复",
    }
    kinds = tuple(GroupPostKind)
    for group in facts.wechat_groups():
        for n in range(POSTS_PER_GROUP):
            random = rng("group-post", group.n, n)
            kind = kinds[(group.n + n * 2) % len(kinds)]
            yield GroupPost(
                id=stable_id("group-post", group.n, n),
                group_id=group.id,
                community_id=group.community_id,
                kind=kind,
                title=titles[kind],
                posted_at=at(first + timedelta(days=random.randrange(330)), 19, 30),
                reach=random.randint(group.member_count // 2, group.member_count),
            )


def check_in_id(community_code: str, n: int) -> str:
    return stable_id("party-member-check-in", community_code, n)


def areas_by_community() -> dict[str, list[str]]:
    areas: dict[str, list[str]] = {}
    for group in facts.wechat_groups():
        areas.setdefault(group.community_id, []).append(group.residential_area_id)
    return areas
