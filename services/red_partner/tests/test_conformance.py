"""The red-partner service does what every service does."""

from govkit.testing.conformance import Conformance
from red_partner.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "red_partner"
