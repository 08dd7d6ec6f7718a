"""The running service, empty but for one community, with a clock that tests move."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest_asyncio

from govkit.domain import FixedClock
from govkit.testing.service import running
from govkit.testing.tokens import Issuer
from red_partner.service import SERVICE

from .county import NOW, County

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure


@pytest_asyncio.fixture
async def county(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[County]:
    clock = FixedClock(NOW)
    async with running(SERVICE, infrastructure, issuer, topic_prefix, clock=clock) as service:
        yield await County(service, issuer, clock).prepare()
