"""Invariants of the ledger over any history, without I/O; and that the audit sees every change to what is stored."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain import Aggregate, GovError
from govkit.domain.fields import fields_of
from points.domain.audit import Audit, LedgerCheck, LedgerProblem
from points.domain.book import Book
from points.domain.ledger import LedgerCode, LedgerTransaction, Posting, Source, balances, supermarket_account
from points.domain.lots import PointsHold, PointsHoldState, PointsLot
from points.domain.passbook import PassbookState, PointsPassbook
from points.domain.rules import PointsPath

START = datetime(2023, 3, 1, 1, tzinfo=UTC)
DAY = date(2023, 3, 1)
SHOP = supermarket_account("shop")


@dataclass
class Model:
    """One passbook and all that belongs to it, moved by the domain alone."""

    passbook: PointsPassbook = field(
        default_factory=lambda: PointsPassbook.open(resident_id="resident", community_id="community", on=DAY)
    )
    lots: list[PointsLot] = field(default_factory=list)
    holds: list[PointsHold] = field(default_factory=list)
    transactions: list[LedgerTransaction] = field(default_factory=list)

    @property
    def book(self) -> Book:
        return Book(self.passbook, self.lots)

    def source(self) -> Source:
        at = START + timedelta(hours=len(self.transactions))
        return Source(service="test", type="T", id="t", effective_on=DAY, posted_at=at, posted_by="clerk")

    def grant(self, points: int, expires_on: date | None = None) -> LedgerTransaction:
        transaction, lot = self.book.grant(
            id=f"t{len(self.transactions)}",
            points=points,
            path=PointsPath.TIMELY_HELP,
            rule_code="DONATION",
            rule_edition=1,
            source=self.source(),
            expires_on=expires_on,
        )
        self.lots.append(lot)
        self.transactions.append(transaction)
        return transaction

    def hold(self, points: int) -> PointsHold:
        n = len(self.holds)
        hold = self.book.hold(id=f"h{n}", redemption_id=f"r{n}", points=points, expires_at=START)
        self.holds.append(hold)
        return hold

    def release(self, hold: PointsHold) -> None:
        self.book.release(hold)

    def redeem(self, hold: PointsHold) -> LedgerTransaction:
        transaction = self.book.redeem(hold, id=f"t{len(self.transactions)}", to=SHOP, source=self.source())
        self.transactions.append(transaction)
        return transaction

    def reverse(self, redeemed: LedgerTransaction) -> LedgerTransaction:
        transaction = self.book.reverse(redeemed, id=f"t{len(self.transactions)}", back_from=SHOP, source=self.source())
        self.transactions.append(transaction)
        return transaction

    @property
    def reversible(self) -> list[LedgerTransaction]:
        reversed_ids = {item.reverses_id for item in self.transactions}
        return [t for t in self.transactions if t.code is LedgerCode.REDEEM and t.id not in reversed_ids]

    def audit(self) -> list[LedgerProblem]:
        return Audit(self.passbook, self.transactions, self.lots, self.holds).run()


# --- any history ---------------------------------------------------------------------------------------------------

MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(1, 5), st.one_of(st.none(), st.integers(0, 60))),
        st.tuples(st.just("hold"), st.integers(1, 12), st.none()),
        st.tuples(st.sampled_from(["release", "redeem", "reverse"]), st.integers(0, 9), st.none()),
    ),
    max_size=40,
)


def play(model: Model, move: tuple[str, int, int | None]) -> None:
    """One move; those that the state does not allow are refused and change nothing."""
    name, number, days = move
    active = [hold for hold in model.holds if hold.state is PointsHoldState.ACTIVE]
    match name:
        case "grant":
            model.grant(number, None if days is None else DAY + timedelta(days=days))
        case "hold" if number > model.passbook.available:
            before = deepcopy(model)
            with pytest.raises(GovError, match="PTS_INSUFFICIENT_POINTS"):
                model.hold(number)
            assert model == before
        case "hold":
            model.hold(number)
        case "release" if active:
            model.release(active[number % len(active)])
        case "redeem" if active:
            model.redeem(active[number % len(active)])
        case "reverse" if model.reversible:
            model.reverse(model.reversible[number % len(model.reversible)])


def played(moves: list[tuple[str, int, int | None]]) -> Model:
    model = Model()
    for move in moves:
        play(model, move)
    return model


@given(MOVES)
def test_sums_lots_and_holds_agree_after_every_move(moves: list[tuple[str, int, int | None]]) -> None:
    model = Model()
    for move in moves:
        play(model, move)
        postings = [posting for item in model.transactions for posting in item.postings]
        sums = balances(postings)
        active = [hold.amount for hold in model.holds if hold.state is PointsHoldState.ACTIVE]
        book = model.passbook
        assert sum(sums.values()) == 0
        assert sums.get(model.book.account.id, 0) == book.posted == sum(lot.remaining for lot in model.lots)
        assert sum(active) == book.held == sum(lot.held for lot in model.lots)
        assert book.available == book.posted - book.held >= 0
    assert model.audit() == []


@given(st.lists(st.tuples(st.integers(1, 5), st.one_of(st.none(), st.integers(0, 9))), min_size=1), st.data())
def test_what_expires_soonest_is_held_first_then_the_oldest(
    grants: list[tuple[int, int | None]], data: st.DataObject
) -> None:
    model = Model()
    for points, days in grants:
        model.grant(points, None if days is None else DAY + timedelta(days=days))
    hold = model.hold(data.draw(st.integers(1, model.passbook.available)))
    order = sorted(model.lots, key=lambda lot: (lot.expires_on or date.max, lot.earned_at))
    taken = {item.lot_id: item.points for item in hold.allocations}
    touched = [lot for lot in order if lot.id in taken]
    assert touched == order[: len(touched)]
    assert all(taken[lot.id] == lot.amount for lot in touched[:-1])


@given(MOVES)
def test_cancelling_and_reversing_everything_restores_the_original_lots(
    moves: list[tuple[str, int, int | None]],
) -> None:
    model = played(moves)
    for hold in model.holds:
        if hold.state is PointsHoldState.ACTIVE:
            model.release(hold)
    for redeemed in model.reversible:
        model.reverse(redeemed)
    assert all(lot.remaining == lot.amount and lot.held == 0 for lot in model.lots)
    assert model.passbook.available == model.passbook.lifetime_earned
    assert model.passbook.lifetime_spent == 0


def test_a_hold_ends_once() -> None:
    model = Model()
    model.grant(5)
    hold = model.hold(3)
    model.redeem(hold)
    for again in (model.redeem, model.release):
        with pytest.raises(GovError, match="PTS_LEDGER_INCONSISTENT"):
            again(hold)


def test_a_frozen_passbook_earns_but_holds_nothing() -> None:
    model = Model()
    model.passbook.freeze()
    model.grant(5)
    with pytest.raises(GovError, match="PTS_PASSBOOK_FROZEN"):
        model.hold(1)
    model.passbook.unfreeze()
    assert model.hold(1).amount == 1
    assert model.passbook.state is PassbookState.ACTIVE


# --- the audit -----------------------------------------------------------------------------------------------------


def tampered(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case None:
            return "x"
        case Enum():
            return next(member for member in type(value) if member is not value)
        case int():
            return value + 1
        case str():
            return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
        case datetime():
            return value + timedelta(milliseconds=1)
        case date():
            return value + timedelta(days=1)
        case [first, *rest]:
            return [tampered(first), *rest]
        case Posting():
            return replace(value, points=value.points + 1)
    return replace(value, points=value.points + 1)


def history() -> Model:
    model = Model()
    for points in (3, 2, 5):
        model.grant(points)
    model.reverse(model.redeem(model.hold(4)))
    model.redeem(model.hold(2))
    model.hold(1)
    assert model.audit() == []
    return model


@pytest.mark.parametrize("name", [item.name for item in LedgerTransaction.declared()] + ["id"])
@pytest.mark.parametrize("index", range(6))
def test_a_change_of_any_field_of_a_transaction_is_named(name: str, index: int) -> None:
    model = history()
    transaction = model.transactions[index]
    setattr(transaction, name, tampered(getattr(transaction, name)))
    assert model.audit()[0].transaction_id == transaction.id


@pytest.mark.parametrize("index", range(6))
def test_a_removed_transaction_is_noticed(index: int) -> None:
    model = history()
    del model.transactions[index]
    found = model.audit()
    assert found[0].check is LedgerCheck.CHAIN
    following = model.transactions[index].id if index < len(model.transactions) else None
    assert found[0].transaction_id == following


def test_a_forged_transaction_is_noticed_even_with_a_correct_hash() -> None:
    model = history()
    forged = deepcopy(model.transactions[0])
    forged.id, forged.position, forged.prev_hash = "forged", 7, model.transactions[-1].hash
    forged.hash = forged.digest()
    model.transactions.append(forged)
    checks = {item.check for item in model.audit()}
    assert {LedgerCheck.CHAIN, LedgerCheck.BALANCE, LedgerCheck.LOTS} <= checks


@pytest.mark.parametrize(
    ("record", "name"),
    [("lots", item) for item in ("remaining", "held", "amount", "state", "id")]
    + [("holds", item) for item in ("amount", "state", "allocations")],
)
def test_a_changed_lot_or_hold_is_noticed(record: str, name: str) -> None:
    model = history()
    last = getattr(model, record)[-1]
    setattr(last, name, tampered(getattr(last, name)))
    assert {item.check for item in model.audit()} <= {LedgerCheck.LOTS, LedgerCheck.HOLDS}
    assert model.audit() != []


@pytest.mark.parametrize(
    "name",
    [
        "available",
        "held",
        "posted",
        "lifetime_earned",
        "lifetime_spent",
        "participant",
        "transaction_count",
        "chain_hash",
    ],
)
def test_a_changed_number_of_the_passbook_is_noticed(name: str) -> None:
    model = history()
    setattr(model.passbook, name, tampered(getattr(model.passbook, name)))
    assert model.audit() != []


def test_all_fields_of_a_transaction_are_sealed() -> None:
    model = history()
    sealed = model.transactions[0]
    unsealed = {item.name for item in fields_of(Aggregate)} - {"id"} | {"hash"}
    for item in fields_of(LedgerTransaction):
        if item.name in unsealed:
            continue
        changed = deepcopy(sealed)
        setattr(changed, item.name, tampered(getattr(changed, item.name)))
        assert changed.digest() != sealed.hash, item.name
