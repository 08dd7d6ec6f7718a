"""The "three claims" (三领): volunteer posts, residents' wishes, petitions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .areas import residential_areas
from .calendar import at, random_day
from .county import communities
from .ids import stable_id
from .petitions import end_of, petitions
from .residents import others_by_community, participants_by_community
from .story import rng, topic

SLOTS = 4
WISHES, FULFILLED, RELEASED = 212, 197, 3
PETITION_CLAIMS = 318
TERM = timedelta(days=30)
_POSTS = ("楼道清洁岗", "安全巡查岗", "文明劝导岗", "矛盾调解岗", "助老服务岗")
_WISHES = ("一副老花镜", "一次理发", "一台收音机", "一次家电维修", "一套学习用品")


@dataclass(frozen=True, slots=True)
class VolunteerPost:
    """One in each area, for as many volunteers as ``slots``."""

    n: int
    id: str
    title: str
    community_id: str
    community_code: str
    residential_area_id: str
    slots: int
    published_on: date


@dataclass(frozen=True, slots=True)
class MicroWish:
    n: int
    id: str
    title: str
    community_id: str
    community_code: str
    resident_id: str
    published_on: date


@dataclass(frozen=True, slots=True)
class Claim:
    """``target_type`` VOLUNTEER_POST, MICRO_WISH or PETITION; ``state`` CLAIMED, CONFIRMED or RELEASED (overdue)."""

    n: int
    id: str
    target_type: str
    target_id: str
    community_id: str
    community_code: str
    claimant_resident_id: str
    claimed_at: datetime
    due_at: datetime
    state: str
    confirmed_at: datetime | None
    released_at: datetime | None


@topic
def volunteer_posts(as_of: date) -> tuple[VolunteerPost, ...]:
    """160, so that four slots each are the 640 claims."""
    return tuple(
        VolunteerPost(
            n=area.index + 1,
            id=stable_id("volunteer-post", area.index + 1),
            title=f"{area.name}{_POSTS[area.index % len(_POSTS)]}",
            community_id=area.community_id,
            community_code=area.community_code,
            residential_area_id=area.id,
            slots=SLOTS,
            published_on=date(as_of.year, 1, 10) + timedelta(days=area.index),
        )
        for area in residential_areas(as_of)
    )


@topic
def micro_wishes(as_of: date) -> tuple[MicroWish, ...]:
    """Wishes of residents who hold no passbook, by community in turn."""
    return tuple(_wish(n, as_of) for n in range(1, WISHES + 1))


@topic
def claims(as_of: date) -> tuple[Claim, ...]:
    """640 of posts, 212 of wishes, 318 of petitions. A claimant never claims an own wish."""
    return (*_post_claims(as_of), *_wish_claims(as_of), *_petition_claims(as_of))


def _wish(n: int, as_of: date) -> MicroWish:
    community = communities(as_of)[n % 21]
    return MicroWish(
        n=n,
        id=stable_id("micro-wish", n),
        title=_WISHES[n % len(_WISHES)],
        community_id=community.id,
        community_code=community.code,
        resident_id=others_by_community(as_of)[community.code][n // 21].id,
        published_on=random_day(rng("wish", n), date(as_of.year, 2, 1), date(as_of.year, 10, 31)),
    )


def _post_claims(as_of: date) -> Iterator[Claim]:
    for post in volunteer_posts(as_of):
        volunteers = participants_by_community(as_of)[post.community_code]
        for slot in range(SLOTS):
            claimant = volunteers[(post.n * SLOTS + slot) % len(volunteers)].id
            yield _claim(
                "VOLUNTEER_POST", (post.n, slot), post.id, post.community_code, claimant, post.published_on, as_of
            )


def _wish_claims(as_of: date) -> Iterator[Claim]:
    """The first 197 are fulfilled, three were released when overdue, the last twelve are under way."""
    for wish in micro_wishes(as_of):
        volunteers = participants_by_community(as_of)[wish.community_code]
        claimant = volunteers[wish.n % len(volunteers)].id
        if wish.n > FULFILLED + RELEASED:
            start, state = as_of - timedelta(days=20), "CLAIMED"
        else:
            start, state = wish.published_on, "CONFIRMED" if wish.n <= FULFILLED else "RELEASED"
        yield _claim("MICRO_WISH", (wish.n,), wish.id, wish.community_code, claimant, start, as_of, state)


def _petition_claims(as_of: date) -> Iterator[Claim]:
    solved = [item for item in petitions(as_of) if item.resolved and item.level == "GRID" and item.source_type is None]
    for petition in solved[:: len(solved) // PETITION_CLAIMS][:PETITION_CLAIMS]:
        assert petition.community_code
        volunteers = participants_by_community(as_of)[petition.community_code]
        claimant = volunteers[petition.n % len(volunteers)]
        if claimant.id == petition.reporter_id:
            claimant = volunteers[(petition.n + 1) % len(volunteers)]
        day = petition.submitted_at.date()
        yield _claim("PETITION", (petition.n,), petition.id, petition.community_code, claimant.id, day, as_of)


def _claim(
    target_type: str,
    key: tuple[int, ...],
    target_id: str,
    community_code: str,
    claimant_id: str,
    published_on: date,
    as_of: date,
    state: str = "CONFIRMED",
) -> Claim:
    random = rng("claim", target_type, *key)
    claimed = at(published_on + timedelta(days=random.randint(1, 3)), random.randint(9, 18))
    confirmed = min(claimed + timedelta(days=random.randint(1, 25)), end_of(as_of))
    return Claim(
        n=key[0],
        id=stable_id("claim", target_type, *key),
        target_type=target_type,
        target_id=target_id,
        community_id=stable_id("community", community_code),
        community_code=community_code,
        claimant_resident_id=claimant_id,
        claimed_at=claimed,
        due_at=claimed + TERM,
        state=state,
        confirmed_at=confirmed if state == "CONFIRMED" else None,
        released_at=claimed + TERM if state == "RELEASED" else None,
    )
