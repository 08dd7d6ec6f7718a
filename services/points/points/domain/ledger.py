"""The ledger: immutable double-entry transactions, chained by hash within each passbook.

Every transaction concerns one passbook and takes the next position in its chain: `hash` covers all of its content and
the hash before it, and the passbook keeps position and hash of the last one. So a changed, removed or inserted
transaction is found, and two passbooks never wait for each other, as they would in one chain over the whole county.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any

from govkit.domain import (
    EVERYTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Ref,
    Role,
    Unique,
    Visibility,
    event,
)
from govkit.domain.fields import fields_of
from points.domain.errors import PtsError
from points.domain.lots import LotAllocation
from points.domain.passbook import READERS, own_or_reader
from points.domain.rules import PointsPath


class LedgerAccountKind(LabelEnum):
    """账户类型 Kind of account"""

    RESIDENT = "居民 A resident's points: what the county owes"
    ISSUANCE = "发行 Points issued on one path"
    REDEMPTION = "超市兑换 Points redeemed at one supermarket"
    SERVICE_REDEMPTION = "服务兑换 Points redeemed for services of one partner"
    EXPIRY = "到期 Points that expired"
    ADJUSTMENT = "调整 Corrections"


class LedgerCode(LabelEnum):
    """账目代码 What a transaction does"""

    GRANT = "发放 Grant"
    REDEEM = "兑换 Redeem"
    EXPIRE = "到期 Expire"
    REVERSE = "冲正 Reverse"
    ADJUST = "调整 Adjust"


@dataclass(kw_only=True)
class LedgerAccount(Aggregate):
    """账户 Account of the ledger; its balance is the sum of its postings and stored nowhere"""

    kind: Annotated[LedgerAccountKind, Doc("类型 Kind")]
    path: Annotated[PointsPath | None, Doc("路径 Path, of an issuance account")] = None
    passbook_id: Annotated[Id | None, Doc("存折 Passbook"), Ref("PointsPassbook", inverse="account", single=True)] = (
        None
    )
    resident_id: Annotated[Id | None, Doc("居民 Resident"), Ref("Resident")] = None
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket"), Ref("PointsSupermarket")] = None
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner"), Ref("RedPartner")] = None

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        if actor.has(READERS):
            return EVERYTHING
        shops = ({"supermarket_id": actor.scope.supermarket_ids},) if Role.SUPERMARKET_MANAGER in actor.roles else ()
        return (*own_or_reader(actor), *shops)


def resident_account(passbook_id: str, resident_id: str) -> LedgerAccount:
    kind = LedgerAccountKind.RESIDENT
    return LedgerAccount(id=f"RESIDENT:{passbook_id}", kind=kind, passbook_id=passbook_id, resident_id=resident_id)


def issuance_account(path: PointsPath) -> LedgerAccount:
    return LedgerAccount(id=f"ISSUANCE:{path.name}", kind=LedgerAccountKind.ISSUANCE, path=path)


def supermarket_account(supermarket_id: str) -> LedgerAccount:
    kind = LedgerAccountKind.REDEMPTION
    return LedgerAccount(id=f"REDEMPTION:{supermarket_id}", kind=kind, supermarket_id=supermarket_id)


def partner_account(partner_id: str) -> LedgerAccount:
    kind = LedgerAccountKind.SERVICE_REDEMPTION
    return LedgerAccount(id=f"SERVICE_REDEMPTION:{partner_id}", kind=kind, partner_id=partner_id)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """分录 Posting: the same points leave one account and enter another"""

    debit_account_id: Annotated[Id, Doc("借方账户 Account debited: points leave it")]
    credit_account_id: Annotated[Id, Doc("贷方账户 Account credited: points enter it")]
    points: Annotated[int, Doc("积分 Points, more than 0")]


@dataclass(frozen=True, kw_only=True)
class Source:
    """The business fact behind a transaction, when it happened and who answers for it."""

    service: str
    type: str
    id: str
    effective_on: date
    posted_at: datetime
    posted_by: str
    approved_by: str | None = None


@event("points.granted")
class PointsGranted(Event):
    """发放积分 Points were paid into a passbook by a rule, once for each fact"""

    ledger_transaction_id: Annotated[Id, Doc("账目 Transaction")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    points: Annotated[int, Doc("积分 Points")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    rule_code: Annotated[Code, Doc("规则 Rule", example="VOLUNTEER_HOUR")]
    source_type: Annotated[Code, Doc("来源类型 Type of the fact that earned them", example="EVENT_ATTENDANCE")]
    source_id: Annotated[Id, Doc("来源 That fact")]
    community_id: Annotated[Id | None, Doc("社区 Community")]


@event("points.redeemed")
class PointsRedeemed(Event):
    """兑换积分 Points were spent from a passbook: a redemption was handed over"""

    ledger_transaction_id: Annotated[Id, Doc("账目 Transaction")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    points: Annotated[int, Doc("积分 Points")]
    source_id: Annotated[Id, Doc("兑换 Redemption")]


@event("points.reversed")
class PointsReversed(Event):
    """冲正积分 A grant or a redemption was undone by a transaction against it"""

    ledger_transaction_id: Annotated[Id, Doc("账目 Transaction")]
    resident_id: Annotated[Id, Doc("居民 Resident")]
    points: Annotated[int, Doc("积分 Points")]
    reverses_id: Annotated[Id, Doc("被冲正账目 Transaction that it reverses")]


ANNOUNCED = {
    LedgerCode.GRANT: PointsGranted,
    LedgerCode.REDEEM: PointsRedeemed,
    LedgerCode.REVERSE: PointsReversed,
}


@dataclass(kw_only=True)
class LedgerTransaction(Aggregate):
    """账目 Ledger transaction: immutable, balanced; a correction is another transaction"""

    UNIQUE = (
        Unique(("passbook_id", "position"), PtsError.CHAIN_CONFLICT),
        Unique(
            ("rule_code", "source_type", "source_id", "resident_id"),
            PtsError.DUPLICATE_SOURCE,
            {"code": LedgerCode.GRANT},
        ),
        Unique(("reverses_id",), PtsError.ALREADY_REVERSED),
    )

    passbook_id: Annotated[Id, Doc("存折 Passbook"), Ref("PointsPassbook", inverse="transactions")]
    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident")]
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community")] = None
    position: Annotated[int, Doc("序号 Position in the passbook's chain, from 1")]
    code: Annotated[LedgerCode, Doc("代码 Code")]
    points: Annotated[int, Doc("积分 Points moved")]
    change: Annotated[int, Doc("变动 Change of the passbook: +points or −points")]
    balance_after: Annotated[int, Doc("变动后余额 Posted points of the passbook afterwards")]
    postings: Annotated[list[Posting], Doc("分录 Postings")]
    account_ids: Annotated[list[Id], Doc("账户 Accounts"), Ref("LedgerAccount", inverse="transactions")]
    allocations: Annotated[list[LotAllocation], Doc("批次 Lots that it made, used or refilled")]
    path: Annotated[PointsPath | None, Doc("路径 Path, of a grant")] = None
    rule_code: Annotated[Code | None, Doc("规则 Rule, of a grant", example="VOLUNTEER_HOUR")] = None
    rule_edition: Annotated[int | None, Doc("规则版次 Edition of the rule")] = None
    source_service: Annotated[Code, Doc("来源服务 Service that knows the fact behind it", example="red-partner")]
    source_type: Annotated[Code, Doc("来源类型 Type of that fact", example="EVENT_ATTENDANCE")]
    source_id: Annotated[Id, Doc("来源 That fact")]
    reverses_id: Annotated[
        Id | None,
        Doc("冲正账目 Transaction that it reverses"),
        Ref("LedgerTransaction", edge="reverses", inverse="reversed_by", single=True),
    ] = None
    effective_on: Annotated[date, Doc("生效日期 Day of the fact")]
    posted_at: Annotated[datetime, Doc("记账时间 Posted at")]
    posted_by: Annotated[Id, Doc("记账人 Posted by (subject)")]
    approved_by: Annotated[Id | None, Doc("审核人 Approved by (subject)")] = None
    prev_hash: Annotated[str, Doc("前一哈希 Hash of the transaction before it"), Managed]
    hash: Annotated[str, Doc("哈希 SHA-256 of everything above and the id"), Managed] = field(default="")

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return own_or_reader(actor)

    def seal(self) -> "LedgerTransaction":
        """Check the postings and fix the content by its hash."""
        assert self.points == sum(posting.points for posting in self.postings) > 0
        assert abs(self.change) == self.points
        assert self.balance_after >= 0
        self.hash = self.digest()
        if announced := ANNOUNCED.get(self.code):
            self.record(announced)
        return self

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all declared fields but the hash. Fields without a value are left out, so
        that a field added later leaves the hashes of what was posted before as they are."""
        body = {item.name: getattr(self, item.name) for item in self.declared() if item.name != "hash"}
        plain = canonical({"id": self.id, **body})
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """A value as JSON, the same before it is stored and after it is read."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if is_dataclass(value):
        return canonical({item.name: getattr(value, item.name) for item in fields_of(type(value))})
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items() if item is not None}
    return value


def balances(postings: Sequence[Posting]) -> dict[str, int]:
    """Credits less debits of each account. The values sum to zero."""
    found: dict[str, int] = {}
    for posting in postings:
        found[posting.debit_account_id] = found.get(posting.debit_account_id, 0) - posting.points
        found[posting.credit_account_id] = found.get(posting.credit_account_id, 0) + posting.points
    return found
