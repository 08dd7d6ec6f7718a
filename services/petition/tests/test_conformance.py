"""The petition service does what every service does."""

from govkit.testing.conformance import Conformance
from petition.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "petition"
