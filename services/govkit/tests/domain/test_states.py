"""The table of states, records of what happened, and conditions on records."""

import pytest

from govkit.domain import ANONYMOUS, Actor, GovError, Place, Role, Scope
from govkit.domain.aggregate import matches, may_read

from ..library.domain import Branch, BranchKind, Loan, LoanDecided, LoanState

MOVES = {
    ("lend", LoanState.REQUESTED): LoanState.LENT,
    ("refuse", LoanState.REQUESTED): LoanState.REFUSED,
    ("giveBack", LoanState.LENT): LoanState.RETURNED,
    ("remind", LoanState.REQUESTED): LoanState.REQUESTED,
    ("remind", LoanState.LENT): LoanState.LENT,
}


@pytest.mark.parametrize("name", ["lend", "refuse", "giveBack", "remind"])
@pytest.mark.parametrize("state", list(LoanState))
def test_an_action_happens_from_its_states_only(name: str, state: LoanState) -> None:
    loan = Loan(id="l", branch_id="b", state=state)
    if (name, state) in MOVES:
        loan.TABLE.move(loan, name)
        assert loan.state is MOVES[name, state]
        return
    with pytest.raises(GovError) as caught:
        loan.TABLE.move(loan, name)
    allowed = sorted(action for action, source in MOVES if source is state)
    assert caught.value.code == "GEN_INVALID_STATE"
    assert caught.value.details == {"current": state.name, "action": name, "allowed": allowed}
    assert loan.state is state


def test_events_take_their_fields_from_the_record_and_are_taken_once() -> None:
    loan = Loan(id="l", branch_id="b")
    loan.decide("lend")
    assert loan.take_events() == [LoanDecided(loan_id="l", state=LoanState.LENT)]
    assert loan.take_events() == []


@pytest.mark.parametrize(
    ("where", "met"),
    [
        ({}, True),
        ({"kind": BranchKind.MOBILE}, True),
        ({"kind": {BranchKind.MAIN, BranchKind.MOBILE}}, True),
        ({"kind": BranchKind.MAIN}, False),
        ({"subjects": "b"}, True),
        ({"subjects": frozenset({"c", "d"})}, False),
        ({"parent_id": None}, True),
        ({"kind": BranchKind.MOBILE, "copies": 4}, False),
    ],
)
def test_conditions(where: dict[str, object], met: bool) -> None:
    branch = Branch(id="b", code="x", name="x", kind=BranchKind.MOBILE, copies=3, subjects=["a", "b"])
    assert matches(branch, where) is met
    assert may_read(branch, (where,)) is met
    assert not may_read(branch, ())


@pytest.mark.parametrize(
    ("role", "scope", "place", "reached"),
    [
        (Role.RESIDENT, Scope(county_wide=True), Place(owner_id="other"), False),
        (Role.RESIDENT, Scope(), Place(owner_id="me"), True),
        (Role.COMMUNITY_SECRETARY, Scope(community_ids=frozenset({"c"})), Place(community_id="c"), True),
        (Role.COMMUNITY_SECRETARY, Scope(community_ids=frozenset({"c"})), Place(community_id="d"), False),
        (Role.COMMUNITY_SECRETARY, Scope(), Place(), False),
        (Role.STREET_OFFICER, Scope(street_ids=frozenset({"s"})), Place(street_id="s", community_id="c"), True),
        (Role.STREET_OFFICER, Scope(street_ids=frozenset({"s"})), Place(street_id="t"), False),
        (Role.GRID_WORKER, Scope(grid_ids=frozenset({"g"})), Place(grid_id="g"), True),
        (Role.DEPARTMENT_OFFICER, Scope(), Place(), False),
        (Role.PARTNER, Scope(partner_id="p"), Place(partner_id="p"), True),
        (Role.SUPERMARKET_MANAGER, Scope(supermarket_ids=frozenset({"m"})), Place(supermarket_id="n"), False),
        (Role.COUNTY_DISPATCHER, Scope(), Place(community_id="c"), True),
    ],
)
def test_reach(role: Role, scope: Scope, place: Place, reached: bool) -> None:
    actor = Actor(id="me", roles=frozenset({role}), scope=scope)
    assert actor.reaches(role, place) is reached


def test_refusals_of_authorisation_tell_the_reason() -> None:
    resident = Actor(id="me", roles=frozenset({Role.RESIDENT}))
    roles = frozenset({Role.RESIDENT})
    for actor, allowed, place, code in (
        (ANONYMOUS, roles, None, "AUTH_UNAUTHENTICATED"),
        (resident, frozenset({Role.ADMIN}), None, "AUTH_FORBIDDEN"),
        (resident, roles, Place(owner_id="other"), "AUTH_OUT_OF_SCOPE"),
    ):
        with pytest.raises(GovError, match=code):
            actor.require(allowed, place)
