"""Three aggregates that use everything an aggregate can be: a plain register, personal data, a table of states."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from govkit.domain import (
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    ErrorCode,
    Event,
    GeoJson,
    GeoPoint,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Pattern,
    Privacy,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Text,
    Unique,
    Visibility,
    action,
    event,
)
from govkit.domain.aggregate import EVERYTHING, NOTHING


class LibraryError(ErrorCode, prefix="LIB"):
    """图书错误 What the library refuses."""

    DUPLICATE_CODE = "编码已存在 This code is taken"
    ALREADY_READER = "已有读者证 The resident is a reader already"
    TOO_MANY_COPIES = "数量过多 More copies than the branch has"


class BranchKind(LabelEnum):
    """分馆类型 Kind of a branch"""

    MAIN = "总馆 Main library"
    VILLAGE = "村级书屋 Village reading room"
    MOBILE = "流动书车 Book bus"


class LoanState(LabelEnum):
    """借阅状态 State of a loan"""

    REQUESTED = "已申请 Requested"
    LENT = "已借出 Lent"
    RETURNED = "已归还 Returned"
    REFUSED = "已拒绝 Refused"


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """开放时间 Opening hours"""

    opens: Annotated[Code, Doc("开门 Opens"), Pattern(r"\d\d:\d\d", "08:30")]
    days: Annotated[list[int], Doc("开放日 Days of the week")]
    since: Annotated[date | None, Doc("起始日 Since")] = None


@dataclass(kw_only=True)
class Branch(Aggregate):
    """分馆 A branch of the library."""

    PLURAL = "branches"
    KEYS = ("code",)
    UNIQUE = (
        Unique(("code",), LibraryError.DUPLICATE_CODE),
        Unique(("shelf_number",), LibraryError.DUPLICATE_CODE),
    )
    REGISTER = Register(Role.ORG_ADMIN, Role.STREET_OFFICER, created="opened")

    code: Annotated[Code, Doc("编码 Code")]
    name: Annotated[Name, Doc("名称 Name")]
    kind: Annotated[BranchKind, Doc("类型 Kind")] = BranchKind.MAIN
    copies: Annotated[int, Doc("藏书量 Copies"), Range(0, 1_000_000)] = 0
    rating: Annotated[float | None, Doc("评分 Rating"), Range(0, 5)] = None
    mobile: Annotated[bool, Doc("流动 Moves")] = False
    opened_on: Annotated[date | None, Doc("开馆日期 Opened on")] = None
    inspected_at: Annotated[datetime | None, Doc("检查时间 Inspected at")] = None
    shelf_number: Annotated[int | None, Doc("书架号 Shelf number")] = None
    subjects: Annotated[list[Code], Doc("主题 Subjects")] = field(default_factory=list)
    location: Annotated[GeoPoint | None, Doc("位置 Location")] = None
    hours: Annotated[OpeningHours | None, Doc("时间 Hours")] = None
    area: Annotated[GeoJson | None, Doc("服务范围 Area served")] = None
    remark: Annotated[Text | None, Doc("备注 Remark")] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="libraryBranches")] = None
    parent_id: Annotated[Id | None, Doc("上级馆 Parent"), Ref("Branch", inverse="children")] = None
    partner_ids: Annotated[list[Id], Doc("合作馆 Partner branches"), Ref("Branch")] = field(default_factory=list)


@event("library.moved")
class BranchMoved(Event):
    """分馆迁址 A branch moved."""

    branch_id: Annotated[Id, Doc("分馆 Branch")]
    location: Annotated[GeoPoint | None, Doc("位置 Location")]
    moved_at: Annotated[datetime, Doc("时间 When")]
    subjects: Annotated[list[Code] | None, Doc("主题 Subjects")] = None


@event("reader.joined")
class ReaderJoined(Event):
    """读者注册 A reader joined."""

    reader_id: Annotated[Id, Doc("读者 Reader")]
    community_id: Annotated[Id | None, Doc("社区 Community")]


@dataclass(kw_only=True)
class Reader(Aggregate):
    """读者 A reader."""

    UNIQUE = (Unique(("resident_id",), LibraryError.ALREADY_READER),)

    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident", inverse="libraryReader", single=True)]
    name: Annotated[Name, Doc("姓名 Name"), Privacy.P1]
    phone: Annotated[str | None, Doc("电话 Phone"), Privacy.P2] = None
    birth_year: Annotated[int | None, Doc("出生年 Year of birth"), Privacy.P3] = None
    secret: Annotated[str | None, Doc("内部 Internal"), Managed, Hidden] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="libraryReaders")] = None

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff see their communities, a resident the own record."""
        if actor.has(STAFF):
            return EVERYTHING if actor.scope.county_wide else ({"community_id": actor.scope.community_ids},)
        return ({"resident_id": actor.id},) if actor.has(frozenset({Role.RESIDENT})) else NOTHING


@event("loan.requested")
class LoanRequested(Event):
    """申请借阅 A loan was requested."""

    loan_id: Annotated[Id, Doc("借阅 Loan")]
    branch_id: Annotated[Id, Doc("分馆 Branch")]


@event("loan.decided")
class LoanDecided(Event):
    """借阅变化 A loan changed its state."""

    loan_id: Annotated[Id, Doc("借阅 Loan")]
    state: Annotated[LoanState, Doc("状态 State")]


@dataclass(kw_only=True)
class Loan(Aggregate):
    """借阅 A loan of copies from a branch to a reader."""

    TABLE = StateTable(
        action("lend", LoanState.REQUESTED, LoanState.LENT, Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER),
        action("refuse", LoanState.REQUESTED, LoanState.REFUSED, Role.COMMUNITY_SECRETARY, reason=True),
        action("giveBack", (LoanState.LENT,), LoanState.RETURNED, Role.RESIDENT),
        action("remind", (LoanState.LENT, LoanState.REQUESTED), None, Role.COMMUNITY_SECRETARY),
    )

    branch_id: Annotated[Id, Doc("分馆 Branch"), Ref("Branch", inverse="loans")]
    reader_id: Annotated[Id | None, Doc("读者 Reader"), Ref("Reader", inverse="loans")] = None
    resident_id: Annotated[Id | None, Doc("居民 Resident"), Ref("Resident", inverse="libraryLoans")] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="libraryLoans")] = None
    state: Annotated[LoanState, Doc("状态 State"), Managed] = LoanState.REQUESTED
    copies: Annotated[int, Doc("册数 Copies"), Range(1, 10)] = 1
    reminders: Annotated[int, Doc("提醒次数 Reminders"), Managed] = 0
    wish: Annotated[Text | None, Doc("留言 Wish"), Privacy.P1] = None

    def decide(self, name: str) -> None:
        """Move by the table and tell."""
        self.TABLE.move(self, name)
        self.record(LoanDecided)
