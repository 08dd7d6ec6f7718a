"""Commands on delegated powers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Role, Text
from organization.domain.powers import PowerGrant


@dataclass(frozen=True, kw_only=True)
class GrantPower:
    item_code: Annotated[Code, Doc("小项代码 Item")]
    community_id: Annotated[Id, Doc("社区 Community")]
    start_on: Annotated[date, Doc("开始日期 From")]


@command(Role.ORG_ADMIN)
async def grant_power(context: Context, input: GrantPower) -> PowerGrant:
    """赋权 Grant a delegated power to a community."""
    grant = PowerGrant.grant(
        id=context.new_id(), item_code=input.item_code, community_id=input.community_id, start_on=input.start_on
    )
    return await context.add(grant)


@dataclass(frozen=True, kw_only=True)
class RevokePower:
    id: Annotated[Id, Doc("赋权 Grant")]
    on: Annotated[date, Doc("结束日期 To")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PowerGrant)
async def revoke_power(context: Context, input: RevokePower) -> PowerGrant:
    """收回权力 Revoke a grant."""
    grant = await context.load(PowerGrant, input.id)
    grant.revoke(input.on)
    return grant
