"""The points service does what every service does."""

from govkit.testing.conformance import Conformance
from points.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "points"
    settings = {"pickup_code_secret": "a secret for tests only"}  # noqa: RUF012
