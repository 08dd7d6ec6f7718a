"""The grid service does what every service does."""

from govkit.testing.conformance import Conformance
from grid.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "grid"
