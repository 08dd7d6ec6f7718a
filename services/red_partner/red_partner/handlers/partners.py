"""Commands on red partners."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, CreditCode, Doc, Id, Name, Phone, Privacy, Role, Text
from red_partner.domain.events import COMING, CommunityEvent
from red_partner.domain.partners import PartnerCategory, PartnerKind, RedPartner
from red_partner.domain.roles import REVIEWERS
from red_partner.handlers.inputs import ById, ByIdWithReason, PartnerPosition


@dataclass(frozen=True, kw_only=True)
class ApplyPartner:
    name: Annotated[Name, Doc("名称 Name")]
    credit_code: Annotated[CreditCode | None, Doc("统一社会信用代码 Unified social credit code")] = None
    category: Annotated[PartnerCategory, Doc("业态 Category")]
    kind: Annotated[PartnerKind, Doc("类型 Kind")]
    community_id: Annotated[Id, Doc("社区 Community")]
    address: Annotated[Name | None, Doc("地址 Address")] = None
    position: Annotated[PartnerPosition | None, Doc("位置 Position")] = None
    contact_name: Annotated[Name | None, Doc("联系人 Contact person"), Privacy.P1] = None
    contact_phone: Annotated[Phone | None, Doc("联系电话 Contact phone"), Privacy.P2] = None


@command(Role.PARTNER, Role.RESIDENT, *REVIEWERS)
async def apply_partner(context: Context, input: ApplyPartner) -> RedPartner:
    """申请成为红色合伙人 Apply to become a red partner."""
    partner = RedPartner(
        id=await _own_id(context),
        name=input.name,
        credit_code=input.credit_code,
        category=input.category,
        kind=input.kind,
        community_id=input.community_id,
        address=input.address,
        location=input.position.wgs84() if input.position else None,
        contact_name=input.contact_name,
        contact_phone=input.contact_phone,
    ).apply()
    await context.check_references(partner)
    # Whoever holds one of the roles may apply, for a shop in any community: an application lies in nobody's reach yet.
    return context.work.add(partner)


async def _own_id(context: Context) -> str:
    """The id that the caller's token already names, when this is that partner's first application; else a new one."""
    named = context.actor.scope.partner_id if Role.PARTNER in context.actor.roles else None
    if named and await context.first(RedPartner, id=named) is None:
        return named
    return context.new_id()


@dataclass(frozen=True, kw_only=True)
class UpdatePartner:
    id: Annotated[Id, Doc("合伙人 Partner")]
    name: Annotated[Name | None, Doc("名称 Name")] = None
    category: Annotated[PartnerCategory | None, Doc("业态 Category")] = None
    kind: Annotated[PartnerKind | None, Doc("类型 Kind")] = None
    address: Annotated[Name | None, Doc("地址 Address")] = None
    position: Annotated[PartnerPosition | None, Doc("位置 Position")] = None
    contact_name: Annotated[Name | None, Doc("联系人 Contact person"), Privacy.P1] = None
    contact_phone: Annotated[Phone | None, Doc("联系电话 Contact phone"), Privacy.P2] = None


@command(on=RedPartner)
async def update_partner(context: Context, input: UpdatePartner) -> RedPartner:
    """变更登记信息 Change what is registered of a partner; what is left out or null stays as it is."""
    partner = await context.load(RedPartner, input.id)
    for name in ("name", "category", "kind", "address", "contact_name", "contact_phone"):
        if (value := getattr(input, name)) is not None:
            setattr(partner, name, value)
    if input.position:
        partner.location = input.position.wgs84()
    partner.changed()
    return partner


@command(on=RedPartner)
async def start_review(context: Context, input: ById) -> RedPartner:
    """开始审核 Take an application into review."""
    partner = await context.load(RedPartner, input.id)
    partner.start_review()
    return partner


@command(on=RedPartner)
async def approve_partner(context: Context, input: ById) -> RedPartner:
    """通过审核 Approve an application; the partner is active from today."""
    partner = await context.load(RedPartner, input.id)
    partner.approve(context.today)
    return partner


@command(on=RedPartner)
async def reject_partner(context: Context, input: ByIdWithReason) -> RedPartner:
    """驳回申请 Reject an application."""
    partner = await context.load(RedPartner, input.id)
    partner.reject()
    return partner


@dataclass(frozen=True, kw_only=True)
class SignAgreement:
    id: Annotated[Id, Doc("合伙人 Partner")]
    number: Annotated[Code, Doc("协议编号 Number of the agreement")]
    start_on: Annotated[date, Doc("协议开始 From")]
    end_on: Annotated[date, Doc("协议结束 To")]
    commitments: Annotated[list[Text], Doc("承诺事项 What the partner commits to")] = field(default_factory=list)


@command(on=RedPartner)
async def sign_agreement(context: Context, input: SignAgreement) -> RedPartner:
    """签订或续签共建协议 Sign or renew the agreement of joint building."""
    partner = await context.load(RedPartner, input.id)
    partner.sign(input.number, input.start_on, input.end_on, input.commitments)
    return partner


@command(on=RedPartner)
async def suspend_partner(context: Context, input: ByIdWithReason) -> RedPartner:
    """暂停合伙人 Suspend a partner."""
    partner = await context.load(RedPartner, input.id)
    partner.suspend()
    return partner


@command(on=RedPartner)
async def resume_partner(context: Context, input: ById) -> RedPartner:
    """恢复合伙人 Make a suspended partner active again."""
    partner = await context.load(RedPartner, input.id)
    partner.resume()
    return partner


@command(on=RedPartner)
async def exit_partner(context: Context, input: ByIdWithReason) -> RedPartner:
    """退出 Let a partner leave that is expected at no event to come."""
    partner = await context.load(RedPartner, input.id)
    coming = await context.find(CommunityEvent, partner_ids=partner.id, state=COMING)
    partner.leave(context.today, [event.id for event in coming])
    return partner
