"""The organization service does what every service does."""

from govkit.testing.conformance import Conformance
from organization.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "organization"
