"""The rules of a stateful aggregate as one table: action, from which states, to which state, who, reason or not.

Commands check it, `allowedActions` and the details of GEN_INVALID_STATE read it, and one inherited test tries every
(state, action, role) against it.
"""

from dataclasses import dataclass
from typing import Any

from govkit.domain.errors import Gen, GovError
from govkit.domain.fields import LabelEnum
from govkit.domain.identity import Role


@dataclass(frozen=True)
class Action:
    """`target` None: the state stays as it is."""

    name: str
    sources: frozenset[LabelEnum]
    target: LabelEnum | None
    roles: frozenset[Role]
    reason_required: bool = False


def action(
    name: str,
    sources: LabelEnum | tuple[LabelEnum, ...],
    target: LabelEnum | None,
    *roles: Role,
    reason: bool = False,
) -> Action:
    """One row of a table, in reading order: what, from, to, by whom."""
    origins = sources if isinstance(sources, tuple) else (sources,)
    return Action(name, frozenset(origins), target, frozenset(roles), reason)


class StateTable:
    """The rows of one aggregate type. `attribute` names the field that holds the state."""

    def __init__(self, *rows: Action, attribute: str = "state"):
        self.attribute = attribute
        self.rows = {row.name: row for row in rows}

    def __getitem__(self, name: str) -> Action:
        return self.rows[name]

    def state_of(self, aggregate: Any) -> LabelEnum:
        state: LabelEnum = getattr(aggregate, self.attribute)
        return state

    def refusal(self, aggregate: Any, name: str) -> GovError | None:
        """GEN_INVALID_STATE with the current state and what would be allowed, or None when the action may happen."""
        state = self.state_of(aggregate)
        if state in self.rows[name].sources:
            return None
        allowed = sorted(row.name for row in self.rows.values() if state in row.sources)
        return Gen.INVALID_STATE(current=state.name, action=name, allowed=allowed)

    def move(self, aggregate: Any, name: str) -> None:
        """Set the state that the action leads to. Raises GEN_INVALID_STATE."""
        if refusal := self.refusal(aggregate, name):
            raise refusal
        if (target := self.rows[name].target) is not None:
            setattr(aggregate, self.attribute, target)
