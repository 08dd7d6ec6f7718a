"""Commands on passbooks."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Privacy, Text
from points.domain.errors import PtsError
from points.domain.ledger import resident_account
from points.domain.passbook import OPENERS, PointsPassbook, passbook_id_of


@dataclass(frozen=True, kw_only=True)
class OpenPassbook:
    resident_id: Annotated[Id | None, Doc("居民 Resident; left out: yourself")] = None
    community_id: Annotated[Id, Doc("社区 Community")]
    holder_display_name: Annotated[Name | None, Doc("持有人 Name shown for the holder"), Privacy.P1] = None


@command(*OPENERS)
async def open_passbook(context: Context, input: OpenPassbook) -> PointsPassbook:
    """开立积分存折 Open a passbook, for yourself or as staff for a resident of your area."""
    resident_id = input.resident_id or context.actor.id
    if await context.work.get(PointsPassbook, passbook_id_of(resident_id)):
        raise PtsError.PASSBOOK_EXISTS(field="residentId")
    passbook = PointsPassbook.open(
        resident_id=resident_id,
        community_id=input.community_id,
        on=context.today,
        holder_display_name=input.holder_display_name,
    )
    await context.add(passbook)
    context.work.add(resident_account(passbook.id, resident_id))
    return passbook


@dataclass(frozen=True, kw_only=True)
class FreezePassbook:
    id: Annotated[Id, Doc("存折 Passbook")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PointsPassbook)
async def freeze_passbook(context: Context, input: FreezePassbook) -> PointsPassbook:
    """冻结积分存折 Freeze a passbook: it goes on earning, but redeems nothing."""
    passbook = await context.load(PointsPassbook, input.id)
    passbook.freeze()
    return passbook


@dataclass(frozen=True, kw_only=True)
class UnfreezePassbook:
    id: Annotated[Id, Doc("存折 Passbook")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PointsPassbook)
async def unfreeze_passbook(context: Context, input: UnfreezePassbook) -> PointsPassbook:
    """解冻积分存折 Unfreeze a passbook."""
    passbook = await context.load(PointsPassbook, input.id)
    passbook.unfreeze()
    return passbook
