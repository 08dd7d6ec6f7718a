"""The red-partner service does what every service does."""

import re
from pathlib import Path

import red_partner
from govkit.testing.conformance import Conformance
from red_partner.domain.errors import RpaError
from red_partner.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "red_partner"


def test_every_error_code_is_raised_somewhere() -> None:
    sources = "".join(path.read_text() for path in Path(red_partner.__file__).parent.rglob("*.py"))
    assert {code.name for code in RpaError} == set(re.findall(r"RpaError\.([A-Z_]+)", sources))
