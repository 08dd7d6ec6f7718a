"""Supervisors in office, by resident. Whether a term is over is its owner's to say, by an event; no date is judged."""

from dataclasses import dataclass

from govkit.store.store import Store

SUPERVISORS = "supervisors"


@dataclass(frozen=True)
class SupervisorTerm:
    supervisor_id: str
    allowed_categories: tuple[str, ...]

    def covers(self, category_code: str) -> bool:
        """A category is covered with all below it."""
        return category_code.startswith(self.allowed_categories)


async def supervisor_in_office(store: Store, resident_id: str) -> SupervisorTerm | None:
    """The resident's present term, as far as this service knows."""
    row = await store.database[SUPERVISORS].find_one({"_id": resident_id})
    for supervisor_id, term in sorted((row or {}).get("terms", {}).items()):
        if term["active"]:
            return SupervisorTerm(supervisor_id, tuple(term["allowed_categories"]))
    return None
