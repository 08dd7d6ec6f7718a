"""What partners are near, what the caller registered for, and a partner's contact in plain."""

import math
from dataclasses import dataclass
from typing import Annotated, Any

from govkit.domain import STAFF, Actor, Doc, GeoPoint, Id, Range, Role
from govkit.geo import CoordinateSystem, to_wgs84
from govkit.graphql.functions import Computed, Query, computed, make_field, query
from govkit.graphql.lists import connect, connection_type, list_arguments
from govkit.graphql.request import RequestContext
from govkit.store.codec import from_document
from red_partner.domain.partners import PartnerState, RedPartner
from red_partner.domain.registrations import Registration

METRES_PER_MINUTE = 80
"""Walking speed of the 15-minute life circle."""
METRES_PER_DEGREE = 111_320
EARTH_RADIUS_M = 6_371_008.8
MOST_NEARBY = 100


@dataclass(frozen=True, kw_only=True)
class NearbyPartner:
    """附近合伙人 A partner within reach, with the way to it as the crow flies"""

    partner: Annotated[RedPartner, Doc("合伙人 Partner")]
    distance_metres: Annotated[int, Doc("距离(米) Distance in metres")]
    walking_minutes: Annotated[int, Doc("步行分钟 Minutes on foot at 80 m a minute")]


@query
async def partners_near(
    context: RequestContext,
    longitude: Annotated[float, Doc("经度 Longitude in degrees"), Range(-180, 180)],
    latitude: Annotated[float, Doc("纬度 Latitude in degrees"), Range(-90, 90)],
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system of the point")],
    minutes: Annotated[int, Doc("步行分钟 Minutes on foot, 15 unless told"), Range(1, 60)] = 15,
) -> list[NearbyPartner]:
    """附近的红色合伙人 Active partners within walking distance, nearest first, at most 100."""
    centre = to_wgs84(longitude, latitude, coordinate_system)
    reach_m = minutes * METRES_PER_MINUTE
    rows = context.store.collection(RedPartner).find({"state": PartnerState.ACTIVE.name, **_box(centre, reach_m)})
    found = []
    async for row in rows:
        partner = from_document(RedPartner, row)
        if partner.location and (metres := distance_m(centre, partner.location)) <= reach_m:
            found.append((metres, partner.id, partner))
    return [
        NearbyPartner(
            partner=partner, distance_metres=round(metres), walking_minutes=math.ceil(metres / METRES_PER_MINUTE)
        )
        for metres, _, partner in sorted(found, key=lambda row: row[:2])[:MOST_NEARBY]
    ]


def _box(centre: GeoPoint, reach_m: float) -> dict[str, Any]:
    """The rectangle around the circle, as a condition on stored partners."""
    north = reach_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(centre.latitude)), 0.01)
    return {
        "location.longitude": {"$gte": centre.longitude - east, "$lte": centre.longitude + east},
        "location.latitude": {"$gte": centre.latitude - north, "$lte": centre.latitude + north},
    }


def distance_m(one: GeoPoint, other: GeoPoint) -> float:
    """Metres between two points on the sphere."""
    latitudes = math.radians(one.latitude), math.radians(other.latitude)
    south = math.sin((latitudes[1] - latitudes[0]) / 2) ** 2
    west = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(south + math.cos(latitudes[0]) * math.cos(latitudes[1]) * west))


async def _my_registrations(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
    context.require_signed_in()
    return await connect(context, Registration, {"resident_id": context.actor.id}, given)


my_registrations = Query(
    "myRegistrations",
    lambda _types: make_field(
        "myRegistrations",
        connection_type(Registration),
        "我的报名 The caller's own registrations",
        _my_registrations,
        list_arguments(Registration),
    ),
)


@dataclass(frozen=True, kw_only=True)
class PartnerContact:
    """合伙人联系方式 Contact of a partner, in plain"""

    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    name: Annotated[str | None, Doc("联系人 Contact person")]
    phone: Annotated[str | None, Doc("联系电话 Phone")]


@computed(RedPartner)
async def contact(partner: RedPartner, context: RequestContext) -> PartnerContact | None:
    """联系方式 Plain contact, for the partner itself and whoever entered the application; null for all others."""
    if not is_own(partner, context.actor):
        return None
    return PartnerContact(partner_id=partner.id, name=partner.contact_name, phone=partner.contact_phone)


def is_own(partner: RedPartner, actor: Actor) -> bool:
    """Staff who entered an application for a shop see it masked like all other staff."""
    own = Role.PARTNER in actor.roles and actor.scope.partner_id == partner.id
    return own or (partner.created_by == actor.id and not actor.has(STAFF))


QUERIES: list[Query] = [partners_near, my_registrations]
COMPUTED: list[Computed] = [contact]
