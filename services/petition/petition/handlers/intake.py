"""How petitions come in, and how their reporters take them back."""

from dataclasses import dataclass, field
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, GeoPoint, Id, Name, Range, Role, Text
from govkit.geo import CoordinateSystem, to_wgs84
from petition.domain.access import CASE_STAFF, REPORTERS
from petition.domain.county import require_inside
from petition.domain.errors import PetError
from petition.domain.petitions import Petition
from petition.domain.values import GridPlace, PetitionAttachment, PetitionLocation, ReporterContact
from petition.domain.vocabulary import (
    OPEN_ORDERS,
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionUrgency,
    PetitionVisibility,
)
from petition.domain.work_orders import WorkOrder
from petition.handlers.common import category_of
from petition.projections.grid_map import locate
from petition.projections.supervisors import supervisor_in_office

ON_BEHALF = (
    Role.SPOKESPERSON,
    Role.GRID_WORKER,
    Role.BRANCH_SECRETARY,
    Role.COMMUNITY_SECRETARY,
    Role.STREET_OFFICER,
    Role.COUNTY_DISPATCHER,
    Role.EXTERNAL_SYSTEM,
)


@dataclass(frozen=True, kw_only=True)
class ReportedLocation:
    """反映位置 A place as the reporter's device gives it"""

    longitude: Annotated[float, Doc("经度 Longitude in degrees"), Range(-180, 180)]
    latitude: Annotated[float, Doc("纬度 Latitude in degrees"), Range(-90, 90)]
    coordinate_system: Annotated[CoordinateSystem, Doc("坐标系 Coordinate system of the two; stored as WGS-84")]
    address: Annotated[Name | None, Doc("地址 Address")] = None
    precision_m: Annotated[int | None, Doc("精度(米) Precision in metres"), Range(0, 100_000)] = None


@dataclass(frozen=True, kw_only=True)
class SubmitPetition:
    kind: Annotated[PetitionKind, Doc("性质 Kind")]
    category_code: Annotated[Code, Doc("类别 Category, of any level")]
    title: Annotated[Name, Doc("标题 Title")]
    description: Annotated[Text, Doc("内容 Description, at most 4000 characters")]
    channel: Annotated[PetitionChannel, Doc("渠道 Channel")]
    urgency: Annotated[PetitionUrgency, Doc("紧急程度 Urgency; triage decides")] = PetitionUrgency.NORMAL
    visibility: Annotated[
        PetitionVisibility | None, Doc("公开范围 Who may read it; else PUBLIC, or INTERNAL for private dwellings")
    ] = None
    location: Annotated[ReportedLocation | None, Doc("位置 Where it is, when it is somewhere")] = None
    attachments: Annotated[list[PetitionAttachment], Doc("附件 Attachments, at most 9")] = field(default_factory=list)
    anonymous: Annotated[bool, Doc("匿名 Show nobody who reported it")] = False
    contact: Annotated[ReporterContact | None, Doc("联系方式 How to reach the reporter")] = None
    reporter_id: Annotated[Id | None, Doc("反映人 Reporter, when staff submit on behalf of someone")] = None
    source_id: Annotated[Id | None, Doc("来源标识 Meeting or session that staff submit it from")] = None
    property_enterprise_id: Annotated[Id | None, Doc("涉及的物业企业 Property enterprise concerned")] = None


@command(*REPORTERS, *ON_BEHALF, mutation_id_required=True)
async def submit_petition(context: Context, input: SubmitPetition) -> Petition:
    """提交诉求 Submit a petition: a number at once, whatever is known of the place. Residents submit their own."""
    category = await category_of(context, input.category_code)
    category.require_active()
    source_type, source_id = await source_of(context, input)
    location = read_location(input.location)
    if input.property_enterprise_id:
        await context.reference("PropertyEnterprise", input.property_enterprise_id, "propertyEnterpriseId")
    petition = Petition(
        id=context.new_id(),
        number=await context.number("LL"),
        kind=input.kind,
        category_code=category.code,
        title=input.title,
        description=input.description,
        urgency=input.urgency,
        channel=input.channel,
        visibility=input.visibility or (PetitionVisibility.INTERNAL if category.private else PetitionVisibility.PUBLIC),
        anonymous=input.anonymous,
        reporter_id=reporter_of(context, input),
        reporter_contact=None if input.anonymous else input.contact,
        source_type=source_type,
        source_id=source_id,
        attachments=input.attachments,
        property_enterprise_id=input.property_enterprise_id,
        submitted_at=context.now,
        location=location,
    )
    where = await locate(context.store, location.point) if location else NOWHERE
    # Whoever takes a petition down may do so for any place; triage brings it to those in charge.
    return context.work.add(petition.submit(category, where))


NOWHERE = GridPlace(status=PetitionLocateStatus.PENDING)


def read_location(given: ReportedLocation | None) -> PetitionLocation | None:
    """In WGS-84. Raises PET_OUTSIDE_COUNTY."""
    if given is None:
        return None
    exact = to_wgs84(given.longitude, given.latitude, given.coordinate_system)
    # Seven decimals are a centimetre: finer digits are noise of the conversion.
    point = GeoPoint(longitude=round(exact.longitude, 7), latitude=round(exact.latitude, 7))
    require_inside(point)
    return PetitionLocation(point=point, address=given.address, precision_m=given.precision_m)


def reporter_of(context: Context, input: SubmitPetition) -> str | None:
    """Residents report for themselves; staff for someone, or for nobody known. Raises PET_REPORTER_NOT_ALLOWED."""
    actor = context.actor
    if not actor.has(frozenset(ON_BEHALF)):
        if input.reporter_id not in (None, actor.id):
            raise PetError.REPORTER_NOT_ALLOWED(field="reporterId")
        return actor.id
    return input.reporter_id or (actor.id if actor.has(frozenset(REPORTERS)) else None)


async def source_of(context: Context, input: SubmitPetition) -> tuple[PetitionSourceType, str | None]:
    """Raises AUTH_FORBIDDEN, PET_SUPERVISOR_NOT_ACTIVE, PET_CATEGORY_NOT_ALLOWED_FOR_POST."""
    actor = context.actor
    only_supervisor = Role.SUPERVISOR in actor.roles and not actor.has(frozenset({Role.RESIDENT, *ON_BEHALF}))
    if input.channel is PetitionChannel.SUPERVISOR_REPORT or only_supervisor:
        actor.require(frozenset({Role.SUPERVISOR}))
        return PetitionSourceType.SUPERVISOR, await supervisor_of(context, input.category_code)
    if actor.has(frozenset({Role.EXTERNAL_SYSTEM})):
        return PetitionSourceType.EXTERNAL_SYSTEM, input.source_id
    if not actor.has(CASE_STAFF | {Role.SPOKESPERSON}):
        return PetitionSourceType.RESIDENT, None
    return STAFF_SOURCES.get(input.channel, PetitionSourceType.STAFF), input.source_id


STAFF_SOURCES = {
    PetitionChannel.COUNCIL_HALL: PetitionSourceType.COUNCIL,
    PetitionChannel.DOOR_KNOCKING: PetitionSourceType.OUTREACH,
    PetitionChannel.MICRO_COLLECTION: PetitionSourceType.OUTREACH,
}


async def supervisor_of(context: Context, category_code: str) -> str:
    """The caller's term as a supervisor, which covers the category."""
    term = await supervisor_in_office(context.store, context.actor.id)
    if term is None:
        raise PetError.SUPERVISOR_NOT_ACTIVE()
    if not term.covers(category_code):
        raise PetError.CATEGORY_NOT_ALLOWED_FOR_POST(field="categoryCode", allowed=list(term.allowed_categories))
    return term.supervisor_id


@dataclass(frozen=True, kw_only=True)
class WithdrawPetition:
    id: Annotated[Id, Doc("诉求 Petition")]
    reason: Annotated[Text | None, Doc("原因 Reason")] = None


@command(on=Petition)
async def withdraw_petition(context: Context, input: WithdrawPetition) -> Petition:
    """撤回诉求 Withdraw one's own petition before it is resolved; its open orders are cancelled."""
    petition = await context.load(Petition, input.id)
    for order in await context.find(WorkOrder, petition_id=petition.id, state=OPEN_ORDERS):
        order.cancel()
    petition.withdraw(context.now)
    return petition
