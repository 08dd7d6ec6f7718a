"""What several handlers need."""

from govkit.commands import Context
from govkit.domain import Gen
from petition.domain.categories import PetitionCategory


async def category_of(context: Context, code: str, field: str = "categoryCode") -> PetitionCategory:
    """Raises GEN_REFERENCE_UNKNOWN."""
    category = await context.first(PetitionCategory, code=code)
    if category is None:
        raise Gen.REFERENCE_UNKNOWN(field=field, type="PetitionCategory", id=code)
    return category
