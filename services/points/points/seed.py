"""The demonstration county's part of this service: registers as their commands leave them, and a year of movements,
each made by the domain in the order of time, so that ledger, lots and holds agree as they do for live ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from govkit.domain import Aggregate, business_date
from govkit.seeding import Seeder, registered
from lanling_demo import points_facts as facts
from lanling_demo.events import registrations
from lanling_demo.ids import stable_id
from points.consumers.rewards import EVENT_ATTENDANCE, SUPERVISOR_REPORT, attendance_id
from points.domain.book import Book
from points.domain.calls import CallSignUp, CallSignUpState, RecruitmentCall, RecruitmentCallState
from points.domain.grants import REQUEST, GrantRequest, GrantRequestState, grant_id_of
from points.domain.ledger import (
    LedgerAccount,
    LedgerTransaction,
    Source,
    issuance_account,
    resident_account,
)
from points.domain.lots import PointsHold, PointsLot
from points.domain.passbook import PointsPassbook, derived_id, passbook_id_of
from points.domain.redemption import KEPT_FOR, Redemption, RedemptionLine
from points.domain.rules import EarningRule, PointsPath
from points.domain.shop import (
    PointsSupermarket,
    Product,
    ProductKind,
    Stock,
    StockReceipt,
    SupermarketState,
    SupplySource,
)
from points.handlers.redemptions import shop_account

# The rule by the name under which this service knows it from the event.
RULE_CODES = {"SUPERVISOR_REPORT_SOLVED": SUPERVISOR_REPORT}
CLERK, REVIEWER = stable_id("staff", "points-clerk"), stable_id("staff", "points-reviewer")
LOW_AT = 5


async def seed(seeder: Seeder) -> None:
    """Registers by their own events; the past as snapshots or, where nobody listens, without events."""
    county = County()
    county.live_through()
    await seeder.load("registers", registers())
    await seeder.load("rules", earning_rules())
    await seeder.load("accounts", county.accounts.values())
    for name, records, announced in (
        ("passbooks", county.passbooks.values(), True),
        ("transactions", county.transactions, True),
        ("lots", county.lots.values(), False),
        ("holds", county.holds.values(), False),
        ("requests", county.requests, False),
        ("redemptions", county.redemptions, True),
        ("stock", county.stock.values(), True),
        ("receipts", county.receipts, True),
        ("calls", recruitment_calls(), True),
    ):
        await seeder.load(name, map(silent, records), snapshots=announced)


def silent(record: Aggregate) -> Aggregate:
    """Without the events that led to its state."""
    record.take_events()
    return record


def registers() -> Iterator[Aggregate]:
    for shop in facts.supermarkets():
        yield registered(
            PointsSupermarket(
                id=shop.id,
                name=shop.name,
                venue_id=shop.venue_id,
                community_id=shop.community_id,
                manager_id=shop.manager.id,
                manager_name=shop.manager.name,
                opens_at=shop.opens,
                closes_at=shop.closes,
                opened_on=shop.opened_on,
                state=SupermarketState[shop.state],
            )
        )
    for product in facts.products():
        yield registered(
            Product(
                id=product.id,
                code=product.code,
                kind=ProductKind[product.kind],
                name=product.name,
                unit=product.unit,
                category=product.category,
                points_price=product.points_price,
                partner_id=product.partner_id,
            )
        )


def earning_rules() -> Iterator[EarningRule]:
    for rule in facts.earning_rules():
        yield EarningRule(
            id=rule.id,
            code=rule_code(rule.code),
            name=rule.name,
            path=PointsPath[rule.path],
            points=rule.points,
            per_hour=rule.per_hour,
            max_hours_per_activity=rule.max_hours_per_activity,
            cap_per_month=rule.cap_per_month,
            needs_review=rule.needs_review,
            valid_from=rule.valid_from,
        ).establish([])


def rule_code(code: str) -> str:
    return RULE_CODES.get(code, code)


def recruitment_calls() -> Iterator[RecruitmentCall]:
    for call in facts.recruitment_calls():
        minutes = int((call.ends_at - call.starts_at).total_seconds()) // 60
        yield RecruitmentCall(
            id=call.id,
            title=call.title,
            community_id=call.community_id,
            path=PointsPath[call.path],
            rule_code=rule_code(call.rule_code),
            starts_at=call.starts_at,
            ends_at=call.ends_at,
            meeting_place=call.place,
            capacity=call.capacity,
            sign_ups=[
                CallSignUp(
                    resident_id=item.resident_id,
                    state=CallSignUpState[item.state],
                    minutes=minutes if item.state == "CONFIRMED" else None,
                )
                for item in call.sign_ups
            ],
            state=RecruitmentCallState[call.state],
        )


@dataclass
class County:
    """Everything that moves, as it stands after the year."""

    passbooks: dict[str, PointsPassbook] = field(default_factory=dict)
    accounts: dict[str, LedgerAccount] = field(default_factory=dict)
    transactions: list[LedgerTransaction] = field(default_factory=list)
    lots: dict[str, PointsLot] = field(default_factory=dict)
    lots_by_resident: dict[str, list[PointsLot]] = field(default_factory=dict)
    holds: dict[str, PointsHold] = field(default_factory=dict)
    requests: list[GrantRequest] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    stock: dict[tuple[str, str], Stock] = field(default_factory=dict)
    receipts: list[StockReceipt] = field(default_factory=list)

    def live_through(self) -> None:
        self._open_passbooks()
        self._receive_goods()
        rules = {rule.code: rule for rule in earning_rules()}
        events = {item.id: item.event_id for item in registrations()}
        communities = {shop.community_code: shop.community_id for shop in facts.supermarkets()}
        moves: list[tuple[datetime, int, Callable[[], None]]] = []
        for grant in facts.grants():
            moves.append((grant.granted_at, 0, partial(self._grant, grant, rules[rule_code(grant.rule_code)], events)))
        for fact in facts.redemptions():
            redemption, by = planned(fact, communities[fact.community_code]), self._counter(fact)
            moves.append((fact.reserved_at, 1, partial(self._reserve, redemption)))
            moves.append((fact.fulfilled_at, 2, partial(self._fulfil, redemption, fact.fulfilled_at, by)))
        for _, _, move in sorted(moves, key=lambda item: item[:2]):
            move()

    def _open_passbooks(self) -> None:
        for fact in facts.passbooks():
            passbook = PointsPassbook.open(
                resident_id=fact.resident_id,
                community_id=fact.community_id,
                on=fact.opened_on,
                holder_display_name=fact.holder_name,
            )
            self.passbooks[fact.resident_id] = passbook
            self._account(resident_account(passbook.id, fact.resident_id))

    def _account(self, account: LedgerAccount) -> LedgerAccount:
        return self.accounts.setdefault(account.id, account)

    def _receive_goods(self) -> None:
        communities = {shop.id: shop.community_id for shop in facts.supermarkets()}
        managers = {shop.id: shop.manager.id for shop in facts.supermarkets()}
        for fact in facts.stock_receipts():
            key = (fact.supermarket_id, fact.product_id)
            stock = self.stock.setdefault(key, Stock.of(*key))
            stock.low_at = LOW_AT
            receipt = StockReceipt(
                id=fact.id,
                supermarket_id=fact.supermarket_id,
                community_id=communities[fact.supermarket_id],
                product_id=fact.product_id,
                quantity=fact.quantity,
                source=SupplySource[fact.source],
                donor_unit_id=fact.donor_unit_id,
                received_on=fact.received_on,
                received_by=managers[fact.supermarket_id],
            )
            self.receipts.append(receipt.receive(stock))

    def _grant(self, fact: facts.Grant, rule: EarningRule, events: dict[str, str]) -> None:
        passbook = self.passbooks[fact.resident_id]
        service, type_, id = source_of(fact, events)
        reviewed = type_ == REQUEST
        transaction, lot = Book(passbook).grant(
            id=grant_id_of(rule.code, type_, id, fact.resident_id),
            points=fact.points,
            path=rule.path,
            rule_code=rule.code,
            rule_edition=rule.edition,
            source=Source(
                service=service,
                type=type_,
                id=id,
                effective_on=business_date(fact.granted_at),
                posted_at=fact.granted_at,
                posted_by=CLERK if reviewed else "system",
                approved_by=REVIEWER if reviewed else None,
            ),
        )
        if rule.cap_per_month is not None:
            passbook.note_usage(rule.code, business_date(fact.granted_at), fact.points)
        self._account(issuance_account(rule.path))
        self.transactions.append(transaction)
        self.lots[lot.id] = lot
        self.lots_by_resident.setdefault(fact.resident_id, []).append(lot)
        if reviewed:
            self.requests.append(granted_request(fact, rule, passbook, transaction))

    def _book(self, redemption: Redemption) -> Book:
        resident_id = redemption.resident_id
        return Book(self.passbooks[resident_id], self.lots_by_resident[resident_id])

    def _reserve(self, redemption: Redemption) -> None:
        self.holds[redemption.id] = self._book(redemption).hold(
            id=derived_id("hold", redemption.id),
            redemption_id=redemption.id,
            points=redemption.total_points,
            expires_at=redemption.expires_at,
        )
        self.redemptions.append(redemption)
        for line in redemption.lines if redemption.supermarket_id else ():
            self.stock[redemption.supermarket_id or "", line.product_id].reserve(line.quantity)

    def _fulfil(self, redemption: Redemption, at: datetime, by: str) -> None:
        redemption.fulfil(at=at, by=by)
        for line in redemption.lines if redemption.supermarket_id else ():
            self.stock[redemption.supermarket_id or "", line.product_id].hand_over(line.quantity)
        source = Source(
            service="points",
            type="REDEMPTION",
            id=redemption.id,
            effective_on=business_date(at),
            posted_at=at,
            posted_by=by,
        )
        shop = self._account(shop_account(redemption))
        hold = self.holds[redemption.id]
        self.transactions.append(
            self._book(redemption).redeem(hold, id=redemption.transaction_id, to=shop, source=source)
        )

    def _counter(self, fact: facts.Redemption) -> str:
        """Who stands at the counter: the manager of the supermarket, or the partner."""
        managers = {shop.id: shop.manager.id for shop in facts.supermarkets()}
        return managers[fact.supermarket_id] if fact.supermarket_id else str(fact.partner_id)


def planned(fact: facts.Redemption, community_id: str) -> Redemption:
    """A redemption as it was reserved."""
    return Redemption(
        id=fact.id,
        number=fact.number,
        passbook_id=passbook_id_of(fact.resident_id),
        resident_id=fact.resident_id,
        community_id=community_id,
        supermarket_id=fact.supermarket_id,
        partner_id=fact.partner_id,
        lines=[
            RedemptionLine(product_id=line.product_id, quantity=line.quantity, unit_points=line.unit_points)
            for line in fact.lines
        ],
        total_points=fact.total_points,
        reserved_at=fact.reserved_at,
        expires_at=fact.reserved_at + KEPT_FOR,
    )


def source_of(fact: facts.Grant, events: dict[str, str]) -> tuple[str, str, str]:
    """Service, type and id of the fact, by the names under which live events pay it: so none is ever paid again."""
    match fact.source_type:
        case "REGISTRATION":
            return "red-partner", EVENT_ATTENDANCE, attendance_id(events[fact.source_id], fact.resident_id)
        case "PETITION":
            return "new-employment-group", SUPERVISOR_REPORT, fact.source_id
    return fact.source_service, fact.source_type, fact.source_id


def granted_request(
    fact: facts.Grant, rule: EarningRule, passbook: PointsPassbook, transaction: LedgerTransaction
) -> GrantRequest:
    return GrantRequest(
        id=fact.source_id,
        resident_id=fact.resident_id,
        community_id=passbook.community_id,
        rule_code=rule.code,
        quantity=fact.quantity,
        occurred_on=business_date(fact.granted_at),
        source_id=fact.source_id,
        submitted_by=CLERK,
        reviewer_id=REVIEWER,
        reviewed_at=fact.granted_at,
        transaction_id=transaction.id,
        state=GrantRequestState.GRANTED,
    )
