"""A new key for personal data: both are known, everything is sealed anew, the old one goes."""

import asyncio
import base64
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import typer
from typer.testing import CliRunner

from govkit.domain import Role
from govkit.operations.target import Target
from govkit.testing.service import running
from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer
from lanling_demo.people import right_check
from new_employment_group import resealing
from new_employment_group.keys import add_keys
from new_employment_group.personal_data import NewEmploymentSettings, vault
from new_employment_group.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

OLD, NEW = (base64.b64encode(byte * 32).decode() for byte in (b"o", b"n"))
NUMBERS = tuple(body + right_check(body) for body in (f"3713241889010100{n}" for n in range(1, 5)))
REGISTER = "mutation($i: RegisterWorkerInput!) { registerWorker(input: $i) { id phoneMasked } }"
WORKERS = "{ workers { edges { node { id phoneMasked idNumberMasked } } } }"


class Operator:
    """Gives `keys …` to the service with these keys."""

    def __init__(self, environment: dict[str, Any]):
        self.environment = environment

    def target(self) -> AbstractAsyncContextManager[Target]:
        return SERVICE.target(NewEmploymentSettings.model_validate(self.environment))

    async def done(self, *arguments: str) -> list[str]:
        cli = typer.Typer()
        add_keys(cli, self)
        result = await asyncio.to_thread(lambda: CliRunner().invoke(cli, ["keys", *arguments]))
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()


async def start(environment: dict[str, Any]) -> None:
    """What a process does with its keys before it serves."""
    store = SERVICE.store(NewEmploymentSettings.model_validate(environment))
    try:
        await SERVICE.require_fit(store)
    finally:
        store.client.close()


def worker(number: str) -> dict[str, Any]:
    return {
        "displayName": "示例员",
        "phone": "19900001234",
        "idNumber": number,
        "occupation": "DRIVER",
        "enterpriseIds": [],
        "consents": [{"purpose": name, "textVersion": "1"} for name in ("REGISTRATION", "IDENTITY_NUMBER")],
    }


async def test_rotation(
    infrastructure: "Infrastructure",
    issuer: Issuer,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database = f"test_{uuid4().hex[:12]}"
    token = issuer.token(Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER, sub="officer")
    keys: dict[str, Any] = {"personal_data_key": OLD, "mongodb_database": database}
    environment = {
        "service_port": 1,
        "mongodb_uri": infrastructure.mongodb_uri,
        "kafka_bootstrap_servers": infrastructure.kafka_bootstrap_servers,
        "topic_prefix": topic_prefix,
        "jwks_url": issuer.jwks_url,
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        **keys,
    }
    async with running(SERVICE, infrastructure, issuer, topic_prefix, **keys) as service:
        for number in NUMBERS[:3]:
            await service.data(REGISTER, {"i": worker(number)}, token)
        before = await service.data(WORKERS, token=token)

        # As after a restart with both keys: the vault belongs to the process.
        operator = Operator(environment | {"personal_data_key": NEW, "personal_data_older_keys": OLD})
        await start(operator.environment)
        assert await service.data(WORKERS, token=token) == before
        assert await service.refusal(REGISTER, {"i": worker(NUMBERS[0])}, token) == "NEG_WORKER_EXISTS"
        await service.data(REGISTER, {"i": worker(NUMBERS[3])}, token)
        said = await operator.done("status")
        assert sorted(line.split(" ", 2)[2] for line in said) == ["current: 1 records", "older: 3 records"]
        assert (await operator.done("reseal"))[-1].startswith("dry run")

        # Interrupted after one record, and given again.
        monkeypatch.setattr(resealing, "BATCH", 1)

        def interrupt(records: int) -> None:
            raise KeyboardInterrupt

        async with operator.target() as target:
            with pytest.raises(KeyboardInterrupt):
                await resealing.reseal(target.store, vault(), interrupt)
            assert await resealing.left(target.store, vault()) == 2
        assert (await operator.done("reseal", "--apply", "--by", "officer"))[-1].startswith("2 records sealed anew")

        # The new key alone.
        alone = Operator(environment | {"personal_data_key": NEW})
        await start(alone.environment)
        shown = await service.data(WORKERS, token=token)
        assert len(shown["workers"]["edges"]) == 4
        assert all(edge in shown["workers"]["edges"] for edge in before["workers"]["edges"])
        for number in NUMBERS:
            assert await service.refusal(REGISTER, {"i": worker(number)}, token) == "NEG_WORKER_EXISTS"
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            await start(environment)
        assert ended.value.code == 2
        assert "PERSONAL_DATA_OLDER_KEYS" in capsys.readouterr().err
