"""Environment of the points service beside what every service has."""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from govkit.runtime.settings import ServiceSettings

DEMONSTRATION_SECRET = "demonstration only, known to everybody"


class PointsSettings(ServiceSettings):
    """`PICKUP_CODE_SECRET` keys the pickup codes of redemptions. Whoever knows it can collect other people's goods, so
    only the demonstration county has one by default. Changing it makes the codes of open redemptions invalid."""

    pickup_code_secret: str | None = Field(
        None, examples=["a random text of at least 16 characters"], min_length=16, repr=False
    )

    @model_validator(mode="after")
    def require_secret(self) -> "PointsSettings":
        if self.pickup_code_secret is None and not self.demo_data:
            example = "for example PICKUP_CODE_SECRET=a random text of at least 16 characters"
            raise PydanticCustomError("missing_secret", f"PICKUP_CODE_SECRET is missing; {example}")
        return self

    @property
    def secret(self) -> str:
        return self.pickup_code_secret or DEMONSTRATION_SECRET
