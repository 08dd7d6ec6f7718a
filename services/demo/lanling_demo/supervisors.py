"""The 20 governance supervisors: one batch, four posts of five, couriers and riders."""

from dataclasses import dataclass
from datetime import date, timedelta

from .county import communities
from .ids import stable_id
from .residents import participants_by_community
from .split import split
from .story import topic

SUPERVISORS, PER_POST, COURIERS = 20, 5, 11
REPORTS, CONFIRMED = 187, 161

# Post type → top-level categories of petitions on which its holder may report.
POSTS = {
    "TRAFFIC_SAFETY_MONITOR": ("03",),
    "MUNICIPAL_FACILITY_OBSERVER": ("04", "06"),
    "CITY_APPEARANCE_PATROLLER": ("02",),
    "COMMUNITY_VOLUNTEER": ("01", "05", "07", "08", "10"),
}


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Worker ``worker_number`` is a courier for 1 … 11 and a rider for 12 … 20, as the supervisor's number."""

    n: int
    id: str
    worker_number: int
    worker_id: str
    occupation: str
    resident_number: int
    resident_id: str
    post_type: str
    allowed_categories: tuple[str, ...]
    batch_number: int
    appointed_on: date
    term_ends_on: date
    certificate_number: str
    state: str
    community_ids: tuple[str, ...]
    community_codes: tuple[str, ...]
    reports_submitted: int
    reports_confirmed: int


@topic
def supervisors(as_of: date) -> tuple[Supervisor, ...]:
    """The five of each post share the 21 communities among them."""
    submitted, confirmed = split(REPORTS, SUPERVISORS), split(CONFIRMED, SUPERVISORS)
    return tuple(_supervisor(n, submitted[n - 1], confirmed[n - 1], as_of) for n in range(1, SUPERVISORS + 1))


def _supervisor(n: int, submitted: int, confirmed: int, as_of: date) -> Supervisor:
    post = list(POSTS)[(n - 1) // PER_POST]
    own = [community for community in communities(as_of) if community.index % PER_POST == (n - 1) % PER_POST]
    home = communities(as_of)[n - 1]
    resident = participants_by_community(as_of)[home.code][0]
    appointed = date(as_of.year, 3, 1)
    return Supervisor(
        n=n,
        id=stable_id("supervisor", n),
        worker_number=n,
        worker_id=stable_id("new-employment-worker", n),
        occupation="COURIER" if n <= COURIERS else "FOOD_DELIVERY_RIDER",
        resident_number=resident.n,
        resident_id=resident.id,
        post_type=post,
        allowed_categories=POSTS[post],
        batch_number=1,
        appointed_on=appointed,
        term_ends_on=appointed.replace(year=as_of.year + 1) - timedelta(days=1),
        certificate_number=f"LL-JDY-{as_of.year}-{n:03}",
        state="ACTIVE",
        community_ids=tuple(community.id for community in own),
        community_codes=tuple(community.code for community in own),
        reports_submitted=submitted,
        reports_confirmed=confirmed,
    )
