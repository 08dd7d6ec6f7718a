"""The new-employment-group service does what every service does."""

import base64
from typing import ClassVar

from govkit.testing.conformance import Conformance
from new_employment_group.service import SERVICE


class TestConformance(Conformance):
    service = SERVICE
    package = "new_employment_group"
    settings: ClassVar = {"personal_data_key": base64.b64encode(bytes(32)).decode()}
