"""The new-employment-group service at work, and officers who give it what the tests need."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from govkit.domain import Role
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from lanling_demo.people import right_check
from new_employment_group.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

KEY = base64.b64encode(b"test-test-test-test-test-test-32").decode()
CONSENTS = tuple({"purpose": name, "textVersion": "1"} for name in ("REGISTRATION", "IDENTITY_NUMBER", "INSURANCE"))
BATCH_NUMBERS = count(1)
EVERY_OFFICER = (Role.ORG_ADMIN, Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER)


@pytest_asyncio.fixture(scope="module")
async def service(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[RunningService]:
    async with running(
        SERVICE, infrastructure, issuer, topic_prefix, personal_data_key=KEY, demo_data=False
    ) as started:
        yield started


@dataclass
class Office:
    """Officers at work: what the tests need, given to the service as its users would."""

    service: RunningService
    issuer: Issuer
    consents: tuple[dict[str, str], ...] = CONSENTS

    @property
    def token(self) -> str:
        return self.issuer.token(*EVERY_OFFICER, sub="officer")

    async def run(self, mutation: str, answer: str = "id", token: str | None = None, **values: Any) -> Any:
        data = await self.service.data(self.document(mutation, answer), {"input": values}, token or self.token)
        return data[mutation]

    async def refused(self, mutation: str, token: str | None = None, **values: Any) -> str:
        return await self.service.refusal(self.document(mutation, "id"), {"input": values}, token or self.token)

    @staticmethod
    def id_number() -> str:
        """A number with a right check character, another one each time; its owner would be over 120."""
        body = f"37132418{uuid4().int % 100:02}0101{uuid4().int % 1000:03}"
        return body + right_check(body)

    @staticmethod
    def document(mutation: str, answer: str) -> str:
        type_name = f"{mutation[0].upper()}{mutation[1:]}Input!"
        return f"mutation($input: {type_name}) {{ {mutation}(input: $input) {{ {answer} }} }}"

    async def worker(self, **values: Any) -> str:
        person = {
            "displayName": "示例员",
            "phone": "19900001234",
            "idNumber": self.id_number(),
            "occupation": "FOOD_DELIVERY_RIDER",
            "enterpriseIds": [],
            "residentId": f"resident-{uuid4().hex[:8]}",
            "consents": self.consents,
        }
        return str((await self.run("registerWorker", **(person | values)))["id"])

    async def union(self, sector: str = "FOOD_DELIVERY") -> str:
        made = await self.run("establishUnion", name="工会", sector=sector, establishedOn="2023-01-01")
        return str(made["id"])

    async def community(self) -> str:
        id = f"community-{uuid4().hex[:8]}"
        data = {"communityId": id, "code": id, "streetId": "s1", "status": "ACTIVE"}
        await self.service.receive("organization", "community.established", id, data)
        return id

    async def post(self, places: int = 5) -> int:
        """A batch with places for observers; the post is set up once."""
        answer = await self.service.query(
            self.document("defineSupervisorPostType", "id"),
            {
                "input": {
                    "postType": "MUNICIPAL_FACILITY_OBSERVER",
                    "allowedCategories": ["04", "06"],
                    "allowedOccupations": ["COURIER", "FOOD_DELIVERY_RIDER"],
                }
            },
            self.token,
        )
        assert "errors" not in answer or answer["errors"][0]["extensions"]["code"] == "NEG_POST_EXISTS"
        number = next(BATCH_NUMBERS)
        quotas = [{"postType": "MUNICIPAL_FACILITY_OBSERVER", "places": places}]
        await self.run("createSupervisorBatch", number=number, announcedOn="2023-01-01", quotas=quotas)
        return number

    async def nominated(self, batch: int, worker_id: str | None = None) -> str:
        values: dict[str, Any] = {
            "workerId": worker_id or await self.worker(),
            "postType": "MUNICIPAL_FACILITY_OBSERVER",
            "batchNumber": batch,
        }
        return str((await self.run("nominateSupervisor", communityIds=[await self.community()], **values))["id"])


@pytest.fixture(scope="module")
def office(service: RunningService, issuer: Issuer) -> Office:
    return Office(service, issuer)
