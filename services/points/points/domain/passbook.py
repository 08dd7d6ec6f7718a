"""The passbook: what a resident has, kept as numbers that the ledger, the lots and the holds must agree with."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Privacy,
    Ref,
    Role,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from points.domain.errors import PtsError

GENESIS = "0" * 64
"""What the first transaction of a passbook names as the hash before it."""

# Staff may read a balance although it is personal: a ledger whose balances nobody but their owners may see cannot be
# audited, reviewed or explained at the counter. What they see is an opaque resident id with a number; the holder's name
# stays masked. Shops, partners and property firms see nothing of it.
READERS = STAFF | {Role.POINTS_REVIEWER}
OPENERS = (
    Role.RESIDENT,
    Role.SUPERVISOR,
    Role.GRID_WORKER,
    Role.BRANCH_SECRETARY,
    Role.COMMUNITY_SECRETARY,
    Role.STREET_OFFICER,
    Role.ADMIN,
)


def own_or_reader(actor: Actor) -> Visibility:
    """Records that name their resident: everything for readers, their own for everyone else."""
    if actor.has(READERS):
        return EVERYTHING
    return ({"resident_id": actor.id},) if actor.authenticated else NOTHING


def derived_id(*parts: str) -> str:
    """One id for one business fact, the same whoever computes it and when: it cannot be written twice."""
    return str(uuid5(NAMESPACE_URL, "/".join(("lanling/points", *parts))))


def passbook_id_of(resident_id: str) -> str:
    return derived_id("passbook", resident_id)


class PassbookState(LabelEnum):
    """存折状态 State of a passbook"""

    ACTIVE = "正常 Active"
    FROZEN = "冻结 Frozen: earns, but cannot redeem"
    CLOSED = "销户 Closed"


@dataclass(frozen=True, kw_only=True)
class RuleUsage:
    """规则用量 What a capped rule has paid into a passbook on one day"""

    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    on: Annotated[date, Doc("日期 Day")]
    points: Annotated[int, Doc("积分 Points")]


@event("passbook.opened")
class PassbookOpened(Event):
    """开立积分存折 A passbook was opened, on request or with the first points of a resident"""

    points_passbook_id: Annotated[Id, Doc("存折 Passbook")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    community_id: Annotated[Id | None, Doc("社区 Community")]


@event("passbook.frozen")
class PassbookFrozen(Event):
    """冻结积分存折 A passbook was frozen"""

    points_passbook_id: Annotated[Id, Doc("存折 Passbook")]


@event("passbook.unfrozen")
class PassbookUnfrozen(Event):
    """解冻积分存折 A passbook was unfrozen"""

    points_passbook_id: Annotated[Id, Doc("存折 Passbook")]


@dataclass(kw_only=True)
class PointsPassbook(Aggregate):
    """积分存折 Points passbook of a resident; available = posted − held ≥ 0"""

    PLURAL = "passbooks"
    UNIQUE = (Unique(("resident_id",), PtsError.PASSBOOK_EXISTS),)
    TABLE = StateTable(
        action("freezePassbook", PassbookState.ACTIVE, PassbookState.FROZEN, Role.POINTS_REVIEWER, reason=True),
        action("unfreezePassbook", PassbookState.FROZEN, PassbookState.ACTIVE, Role.POINTS_REVIEWER, reason=True),
    )

    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident", inverse="passbook", single=True)]
    holder_display_name: Annotated[Name | None, Doc("持有人 Name shown for the holder"), Privacy.P1] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="passbooks")] = None
    opened_on: Annotated[date, Doc("开立日期 Opened on")]
    state: Annotated[PassbookState, Doc("状态 State")] = PassbookState.ACTIVE
    available: Annotated[int, Doc("可用积分 Points that can be redeemed: posted − held"), Managed] = 0
    held: Annotated[int, Doc("冻结积分 Points held for reserved redemptions"), Managed] = 0
    posted: Annotated[int, Doc("账面积分 Points on the ledger"), Managed] = 0
    lifetime_earned: Annotated[int, Doc("累计获得 Points ever earned"), Managed] = 0
    lifetime_spent: Annotated[int, Doc("累计兑换 Points ever redeemed, less reversals"), Managed] = 0
    participant: Annotated[bool, Doc("参与积分 Has ever earned points"), Managed] = False
    transaction_count: Annotated[int, Doc("账目数 Number of ledger transactions"), Managed] = 0
    chain_hash: Annotated[str, Doc("链头 Hash of the last transaction"), Managed, Hidden] = GENESIS
    usage: Annotated[list[RuleUsage], Doc("规则用量 Use of capped rules"), Managed, Hidden] = field(
        default_factory=list
    )

    @classmethod
    def open(
        cls, *, resident_id: str, community_id: str | None, on: date, holder_display_name: str | None = None
    ) -> "PointsPassbook":
        passbook = cls(
            id=passbook_id_of(resident_id),
            resident_id=resident_id,
            community_id=community_id,
            holder_display_name=holder_display_name,
            opened_on=on,
        )
        passbook.record(PassbookOpened)
        return passbook

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return own_or_reader(actor)

    def change(self, *, posted: int = 0, held: int = 0) -> None:
        """The only way to move the numbers. Raises PTS_INSUFFICIENT_POINTS."""
        available = self.posted + posted - self.held - held
        if available < 0:
            raise PtsError.INSUFFICIENT_POINTS(available=self.available, needed=self.available - available)
        self.posted += posted
        self.held += held
        self.available = available

    def used(self, rule_code: str, *, on: date | None = None, month: date | None = None) -> int:
        """Points of a capped rule on a day, or in the month of a day."""
        return sum(
            row.points
            for row in self.usage
            if row.rule_code == rule_code
            and (on is None or row.on == on)
            and (month is None or (row.on.year, row.on.month) == (month.year, month.month))
        )

    def note_usage(self, rule_code: str, on: date, points: int) -> None:
        # Facts are told late, but not by more than a year: older rows can no longer matter to a cap.
        kept = [row for row in self.usage if (on - row.on).days < 400]
        self.usage = [*kept, RuleUsage(rule_code=rule_code, on=on, points=points)]

    def freeze(self) -> None:
        self.TABLE.move(self, "freezePassbook")
        self.record(PassbookFrozen)

    def unfreeze(self) -> None:
        self.TABLE.move(self, "unfreezePassbook")
        self.record(PassbookUnfrozen)
