"""Rules of the points domain beside the ledger, without any I/O."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain import GovError
from govkit.runtime.settings import load_settings
from points.domain.calls import CallSignUpState, RecruitmentCall, RecruitmentCallState
from points.domain.grants import GrantRequest, GrantRequestState
from points.domain.passbook import PointsPassbook
from points.domain.redemption import PickupCodes, Redemption, RedemptionState
from points.domain.rules import EarningRule, PointsPath, rule_in_force
from points.domain.shop import Product, ProductKind, Stock, StockLow, StockReceipt, SupplySource
from points.settings import DEMONSTRATION_SECRET, PointsSettings

NOW = datetime(2023, 6, 1, 2, tzinfo=UTC)
DAY = date(2023, 6, 1)


def rule(**changes: Any) -> EarningRule:
    usual: dict[str, Any] = {"code": "HOUR", "name": "志愿服务", "path": PointsPath.VOLUNTEER_ACTIVITY, "points": 1}
    return EarningRule(id="rule", **(usual | {"valid_from": DAY} | changes))


def test_an_edition_ends_the_day_before_the_next_one() -> None:
    first = rule().establish([])
    second = rule(points=2, valid_from=date(2023, 7, 1)).establish([first])
    assert (first.valid_to, second.edition) == (date(2023, 6, 30), 2)
    editions = [first, second]
    for on, expected in ((date(2023, 5, 31), None), (date(2023, 6, 30), first), (date(2023, 7, 1), second)):
        assert rule_in_force(editions, on) is expected
    with pytest.raises(GovError, match="PTS_RULE_INVALID"):
        rule(valid_from=date(2023, 7, 1)).establish(editions)


@pytest.mark.parametrize("wrong", [{"valid_to": date(2023, 5, 1)}, {"max_hours_per_activity": 2}])
def test_a_rule_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(GovError, match="PTS_RULE_INVALID"):
        rule(**wrong).establish([])


@pytest.mark.parametrize(("minutes", "points"), [(0, 0), (59, 0), (60, 1), (119, 1), (120, 2), (600, 2)])
def test_full_hours_count_up_to_the_limit(minutes: int, points: int) -> None:
    assert rule(per_hour=True, max_hours_per_activity=2).worth(minutes=minutes) == points


def test_caps_leave_what_is_left_of_the_day_and_of_the_month() -> None:
    capped = rule(cap_per_day=2, cap_per_month=3)
    passbook = PointsPassbook.open(resident_id="r", community_id=None, on=DAY)
    assert rule().allowance(passbook, DAY) is None
    assert capped.allowance(passbook, DAY) == 2
    passbook.note_usage("HOUR", DAY, 2)
    passbook.note_usage("OTHER", DAY, 9)
    assert capped.allowance(passbook, DAY) == 0
    assert capped.allowance(passbook, DAY + timedelta(days=1)) == 1
    assert capped.allowance(passbook, date(2023, 7, 1)) == 2


@pytest.mark.parametrize(
    ("earned", "months", "last"),
    [(date(2023, 1, 31), 1, date(2023, 2, 28)), (date(2023, 12, 5), 36, date(2026, 12, 5)), (DAY, None, None)],
)
def test_points_expire_after_so_many_months(earned: date, months: int | None, last: date | None) -> None:
    assert rule(valid_months=months).expiry(earned) == last


@given(st.lists(st.tuples(st.sampled_from(["receive", "reserve", "release", "hand_over"]), st.integers(1, 5))))
def test_stock_is_never_negative_nor_promised_twice(moves: list[tuple[str, int]]) -> None:
    stock = Stock.of("shop", "soap")
    received = handed_over = 0
    for name, quantity in moves:
        if name == "reserve" and quantity > stock.available:
            with pytest.raises(GovError, match="PTS_OUT_OF_STOCK"):
                stock.reserve(quantity)
        elif name in ("receive", "reserve") or quantity <= stock.reserved:
            getattr(stock, name)(quantity)
            received += quantity if name == "receive" else 0
            handed_over += quantity if name == "hand_over" else 0
        assert stock.on_hand == received - handed_over
        assert stock.on_hand >= stock.reserved >= 0
        assert stock.available == stock.on_hand - stock.reserved


def test_low_stock_is_told_once_on_the_way_down() -> None:
    stock = Stock.of("shop", "soap")
    stock.low_at = 2
    stock.receive(4)
    for _ in range(4):
        stock.reserve(1)
    (told,) = stock.take_events()
    assert isinstance(told, StockLow)
    assert told.available == 2


def test_a_donation_names_its_donor_and_a_service_its_partner() -> None:
    receipt = StockReceipt(
        id="x",
        supermarket_id="shop",
        community_id="c",
        product_id="soap",
        quantity=1,
        source=SupplySource.DUAL_CHECKIN_UNIT,
        received_on=DAY,
        received_by="manager",
    )
    with pytest.raises(GovError, match="PTS_DONOR_REQUIRED"):
        receipt.receive(Stock.of("shop", "soap"))
    goods = Product(id="x", code="x", kind=ProductKind.GOODS, name="x", unit="x", points_price=1, partner_id="p")
    with pytest.raises(GovError, match="PTS_PARTNER_REQUIRED"):
        goods.check()


def redemption(state: RedemptionState) -> Redemption:
    return Redemption(
        id="r",
        number="DH-1",
        passbook_id="b",
        resident_id="holder",
        supermarket_id="shop",
        lines=[],
        total_points=1,
        reserved_at=NOW,
        expires_at=NOW + timedelta(days=7),
        state=state,
    )


State = RedemptionState
REFUSALS = {
    ("fulfilRedemption", State.FULFILLED): "PTS_ALREADY_FULFILLED",
    ("fulfilRedemption", State.CANCELLED): "GEN_INVALID_STATE",
    ("fulfilRedemption", State.EXPIRED): "PTS_REDEMPTION_EXPIRED",
    ("fulfilRedemption", State.REVERSED): "PTS_ALREADY_REVERSED",
    ("cancelRedemption", State.FULFILLED): "PTS_ALREADY_FULFILLED",
    ("cancelRedemption", State.CANCELLED): "GEN_INVALID_STATE",
    ("cancelRedemption", State.EXPIRED): "GEN_INVALID_STATE",
    ("cancelRedemption", State.REVERSED): "PTS_ALREADY_REVERSED",
    ("reverseRedemption", State.RESERVED): "GEN_INVALID_STATE",
    ("reverseRedemption", State.CANCELLED): "GEN_INVALID_STATE",
    ("reverseRedemption", State.EXPIRED): "GEN_INVALID_STATE",
    ("reverseRedemption", State.REVERSED): "PTS_ALREADY_REVERSED",
}


@pytest.mark.parametrize("state", list(RedemptionState))
@pytest.mark.parametrize("name", ["fulfilRedemption", "cancelRedemption", "reverseRedemption"])
def test_why_a_redemption_cannot_end_again(name: str, state: RedemptionState) -> None:
    refused = Redemption.TABLE.refusal(redemption(state), name)
    assert (refused.code if refused else None) == REFUSALS.get((name, state))


def test_nobody_reverses_their_own_redemption() -> None:
    with pytest.raises(GovError, match="PTS_SELF_APPROVAL"):
        redemption(State.FULFILLED).reverse(by="holder", restock=True)


def test_a_pickup_code_fits_its_redemption_and_secret_only() -> None:
    codes, others = PickupCodes("one secret of the county"), PickupCodes("another secret of it")
    held = redemption(State.RESERVED)
    held.pickup_code_hash = codes.stored(held.id, codes.code(held.id))
    assert codes.fits(held, f" {codes.code(held.id).lower()} ")
    assert not codes.fits(held, codes.code("another"))
    assert not others.fits(held, others.code(held.id))
    assert codes.code(held.id) not in held.pickup_code_hash


def test_submitter_reviewer_and_beneficiary_differ() -> None:
    def request(by: str) -> GrantRequest:
        return GrantRequest(id="q", resident_id="w", rule_code="R", occurred_on=DAY, source_id="q", submitted_by=by)

    with pytest.raises(GovError, match="PTS_SELF_APPROVAL"):
        request("w").submit()
    submitted = request("clerk").submit()
    for same in ("clerk", "w"):
        with pytest.raises(GovError, match="PTS_SELF_APPROVAL"):
            submitted.approve(by=same, at=NOW, transaction_id="t")
        with pytest.raises(GovError, match="PTS_SELF_APPROVAL"):
            submitted.reject(by=same, at=NOW)
    submitted.approve(by="reviewer", at=NOW, transaction_id="t")
    assert submitted.state is GrantRequestState.GRANTED


def call(capacity: int = 1) -> RecruitmentCall:
    return RecruitmentCall(
        id="c",
        title="招募令",
        community_id="c",
        path=PointsPath.TIMELY_HELP,
        rule_code="R",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=2),
        meeting_place="中心",
        capacity=capacity,
    ).publish()


def test_a_place_that_is_given_up_can_be_taken() -> None:
    made = call()
    made.sign_up("a")
    with pytest.raises(GovError, match="PTS_ALREADY_SIGNED_UP"):
        made.sign_up("a")
    with pytest.raises(GovError, match="PTS_CALL_FULL"):
        made.sign_up("b")
    made.cancel_sign_up("a")
    with pytest.raises(GovError, match="PTS_NOT_SIGNED_UP"):
        made.cancel_sign_up("a")
    made.sign_up("b")
    made.sign_ups = [item for item in made.sign_ups if item.resident_id != "a"]
    with pytest.raises(GovError, match="PTS_NOT_SIGNED_UP"):
        call().confirm({"stranger": 60})
    made.close()
    with pytest.raises(GovError, match="PTS_CALL_NOT_OPEN"):
        made.sign_up("c")
    made.confirm({"b": 60})
    assert made.state is RecruitmentCallState.COMPLETED
    assert [item.state for item in made.sign_ups] == [CallSignUpState.CONFIRMED]


def test_the_secret_of_pickup_codes_is_required_outside_the_demonstration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "SERVICE_PORT": "4004",
        "MONGODB_URI": "mongodb://127.0.0.1",
        "MONGODB_DATABASE": "points",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "JWKS_URL": "file:///jwks.json",
        "JWT_ISSUER": "issuer",
        "JWT_AUDIENCE": "lanling",
        "DEMO_DATA": "0",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PICKUP_CODE_SECRET", raising=False)
    with pytest.raises(SystemExit):
        load_settings(PointsSettings)
    assert capsys.readouterr().err.startswith("configuration: PICKUP_CODE_SECRET is missing; for example")
    monkeypatch.setenv("DEMO_DATA", "1")
    assert load_settings(PointsSettings).secret == DEMONSTRATION_SECRET
    monkeypatch.setenv("PICKUP_CODE_SECRET", "sixteen characters or more")
    assert load_settings(PointsSettings).secret == "sixteen characters or more"
