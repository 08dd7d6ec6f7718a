"""Days that officers give for what they record."""

from datetime import date

from govkit.commands import Context
from govkit.domain import Gen


def day_of(context: Context, given: date | None, field: str) -> date:
    """The given day, today without one. Raises GEN_VALIDATION for a day to come: effect is at once."""
    if given is None:
        return context.today
    if given > context.today:
        raise Gen.VALIDATION(field=field, rule="not in the future")
    return given
