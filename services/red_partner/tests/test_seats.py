"""Property: whatever residents do, an event never has more seats given than it has, and nobody is passed over."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from red_partner.domain.events import CommunityEvent
from red_partner.domain.registrations import LIVE, Registration, RegistrationState

NOW = datetime(2023, 5, 1, 1, 0, tzinfo=UTC)
State = RegistrationState


class Seats(RuleBasedStateMachine):
    """Registers, cancels, offers, accepts and lets offers lapse in any order."""

    @initialize(capacity=st.integers(1, 4), waitlist_limit=st.integers(0, 3))
    def publish(self, capacity: int, waitlist_limit: int) -> None:
        self.event = CommunityEvent(
            id="e",
            title="活动",
            theme_key="t",
            community_id="c",
            partner_ids=["p"],
            starts_at=NOW + timedelta(days=3),
            ends_at=NOW + timedelta(days=3, hours=2),
            capacity=capacity,
            waitlist_limit=waitlist_limit,
            registration_opens_at=NOW,
            registration_closes_at=NOW + timedelta(days=3),
        )
        self.event.publish()
        self.registrations: list[Registration] = []

    def those(self, *states: State) -> list[Registration]:
        return [item for item in self.registrations if item.state in states]

    @property
    def full(self) -> bool:
        return not self.event.has_seat and self.event.waitlist_length >= self.event.waitlist_limit

    @precondition(lambda self: not self.full)
    @rule()
    def register(self) -> None:
        number = len(self.registrations)
        made = Registration(
            id=str(number),
            event_id="e",
            resident_id=str(number),
            community_id="c",
            registered_at=NOW,
            event_starts_at=self.event.starts_at,
            event_ends_at=self.event.ends_at,
        )
        self.registrations.append(made.make(self.event))

    @precondition(lambda self: self.those(*LIVE))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.those(*LIVE))).cancel(self.event, NOW)

    @precondition(lambda self: self.those(State.WAITLISTED) and self.event.seats_taken < self.event.capacity)
    @rule()
    def offer(self) -> None:
        self.those(State.WAITLISTED)[0].offer(self.event, NOW)

    @precondition(lambda self: self.those(State.OFFERED))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.those(State.OFFERED))).accept(NOW)

    @invariant()
    def never_more_than_there_are(self) -> None:
        if not hasattr(self, "event"):
            return
        assert self.event.seats_taken == len(self.those(State.REGISTERED, State.OFFERED)) <= self.event.capacity
        assert self.event.waitlist_length == len(self.those(State.WAITLISTED)) <= self.event.waitlist_limit

    @invariant()
    def whoever_waits_comes_before_whoever_comes(self) -> None:
        if hasattr(self, "event") and self.those(State.WAITLISTED):
            assert not self.event.has_seat


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
