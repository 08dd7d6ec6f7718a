"""The library, put together: three hand-written commands and a computed field beside what the kit derives."""

from dataclasses import dataclass
from typing import Annotated, Any

from govkit.bus.inbox import EventContext, consumes
from govkit.bus.projections import Rows, projects
from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id, MaxLength, Name, Privacy, Range, Ref, Role, Text
from govkit.graphql.edges import Reference
from govkit.graphql.functions import computed, query
from govkit.graphql.request import RequestContext
from govkit.graphql.statistics import Figure
from govkit.references import Keep
from govkit.service import Service

from .domain import Branch, BranchKind, LibraryError, Loan, LoanRequested, LoanState, Reader, ReaderJoined


@dataclass(frozen=True, kw_only=True)
class JoinLibrary:
    name: Annotated[Name, Doc("姓名 Name"), Privacy.P1]
    phone: Annotated[str | None, Doc("电话 Phone"), Privacy.P2] = None
    birth_year: Annotated[int | None, Doc("出生年 Year of birth"), Privacy.P3, Range(1900, 2100)] = None
    community_id: Annotated[Id | None, Doc("社区 Community")] = None


@command(Role.RESIDENT)
async def join_library(context: Context, input: JoinLibrary) -> Reader:
    """注册读者 Become a reader."""
    reader = Reader(
        id=context.new_id(),
        resident_id=context.actor.id,
        name=input.name,
        phone=input.phone,
        birth_year=input.birth_year,
        community_id=input.community_id,
        secret="internal",
    )
    reader.record(ReaderJoined)
    return await context.add(reader)


@dataclass(frozen=True, kw_only=True)
class RequestLoan:
    branch_id: Annotated[Id, Doc("分馆 Branch")]
    copies: Annotated[int, Doc("册数 Copies"), Range(1, 10)] = 1
    wish: Annotated[Text | None, Doc("留言 Wish"), Privacy.P1] = None


@command(Role.RESIDENT, mutation_id_required=True)
async def request_loan(context: Context, input: RequestLoan) -> Loan:
    """申请借阅 Request a loan; the branch's stock goes down."""
    branch = await context.get(Branch, input.branch_id, "branchId")
    if branch.copies < input.copies:
        raise LibraryError.TOO_MANY_COPIES(field="copies", available=branch.copies)
    branch.copies -= input.copies
    reader = await context.first(Reader, resident_id=context.actor.id)
    loan = Loan(
        id=context.new_id(),
        branch_id=branch.id,
        reader_id=reader.id if reader else None,
        resident_id=context.actor.id,
        community_id=branch.community_id,
        copies=input.copies,
        wish=input.wish,
    )
    loan.record(LoanRequested)
    return await context.add(loan)


@dataclass(frozen=True, kw_only=True)
class DecideLoan:
    id: Annotated[Id, Doc("借阅 Loan")]
    reason: Annotated[Text | None, Doc("原因 Reason")] = None


@command(on=Loan)
async def lend(context: Context, input: DecideLoan) -> Loan:
    """借出 Lend the copies."""
    loan = await context.load(Loan, input.id)
    loan.decide("lend")
    return loan


@command(on=Loan)
async def refuse(context: Context, input: DecideLoan) -> Loan:
    """拒绝 Refuse a request."""
    loan = await context.load(Loan, input.id)
    loan.decide("refuse")
    return loan


@command(on=Loan)
async def give_back(context: Context, input: DecideLoan) -> Loan:
    """归还 Give the copies back."""
    loan = await context.load(Loan, input.id)
    loan.decide("giveBack")
    return loan


@command(on=Loan)
async def remind(context: Context, input: DecideLoan) -> Loan:
    """提醒 Remind the reader."""
    loan = await context.load(Loan, input.id)
    loan.TABLE.move(loan, "remind")
    loan.reminders += 1
    return loan


@dataclass(frozen=True, kw_only=True)
class CountWords:
    """统计 What was counted"""

    words: Annotated[int, Doc("字数 Words")]
    longest: Annotated[str | None, Doc("最长 Longest word")] = None


@query
async def count_words(
    context: RequestContext,
    text: Annotated[str, Doc("文本 Text"), MaxLength(40)],
    fail: Annotated[bool, Doc("坏 Fail")] = False,
) -> CountWords:
    """数字数 Count the words of a text."""
    if fail:
        raise RuntimeError("张三 13812348000 broke it")
    return CountWords(words=len(text.split()), longest=max(text.split(), key=len, default=None))


@query
async def first_resident(context: RequestContext) -> Annotated[Reference, Ref("Resident")]:
    """首位居民 Some resident."""
    return Reference("Resident", "id", "resident-1")


@computed(Branch)
async def has_books(branch: Branch, context: RequestContext) -> bool:
    """有书 Whether there are copies."""
    return branch.copies > 0


@computed("Community")
async def reading_rooms(community: Reference, context: RequestContext) -> int:
    """书屋数 Number of reading rooms."""
    return await context.store.count(Branch, {"community_id": community.value})


@dataclass(frozen=True, kw_only=True)
class VenueSeen:
    venue_id: Annotated[Id, Doc("场所 Venue")]
    community_id: Annotated[Id | None, Doc("社区 Community")] = None
    copies: Annotated[int, Doc("册数 Copies")] = 0
    poison: Annotated[bool, Doc("有毒 Fails")] = False


@projects("venue.registered", into=("venues", "venue_count"))
async def note_venue(rows: Rows, event: VenueSeen) -> None:
    rows.project("venues", event.venue_id, community_id=event.community_id)
    rows.increment("venue_count", "all", venues=1)


@consumes("venue.registered")
async def open_reading_room(context: EventContext, event: VenueSeen) -> None:
    """Every venue is a reading room of its community; its copies are added to the one branch of the community."""
    if event.poison:
        raise Gen.CONFLICT()
    if event.community_id is None:
        return
    for branch in await context.find(Branch, community_id=event.community_id):
        branch.copies += event.copies
        branch.registered("changed")
        return
    branch = Branch(
        id=context.new_id(),
        code=f"room-{event.venue_id}",
        name="书屋",
        kind=BranchKind.VILLAGE,
        community_id=event.community_id,
        copies=event.copies,
    )
    branch.registered()
    context.add(branch)


@projects("venue.closed", into=("venues",))
async def forget_venue(rows: Rows, event: dict[str, Any]) -> None:
    rows.forget("venues", event["venueId"])


SERVICE = Service(
    name="library",
    aggregates=[Branch, Reader, Loan],
    commands=[join_library, request_loan, lend, refuse, give_back, remind],
    queries=[count_words, first_resident],
    computed=[has_books, reading_rooms],
    consumers=[note_venue, open_reading_room, forget_venue],
    kept=(Keep("Community", "community.established", "community.changed"),),
    listens_to=["organization"],
    statistics=(
        "libraryStatistics",
        (
            Figure("libraryBranches", "分馆 Branches", Branch),
            Figure("readingRooms", "书屋 Reading rooms", Branch, {"kind": {BranchKind.VILLAGE, BranchKind.MOBILE}}),
            Figure("openLoans", "在借 Open loans", Loan, {"state": LoanState.LENT}),
            Figure("libraryCopies", "藏书 Copies", Branch, {"kind": BranchKind.MAIN}, total="copies"),
        ),
    ),
    errors=LibraryError,
)
