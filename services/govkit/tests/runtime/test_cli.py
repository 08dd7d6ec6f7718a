from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
from typer.testing import CliRunner

from govkit.operations.target import Target
from govkit.runtime.cli import command_line


class Things:
    name = "things"
    seeded = False

    def serve(self, migrate: bool = False) -> None:
        raise AssertionError("not asked to")

    def schema_text(self) -> str:
        return "type Query {\n  hello: String!\n}\n"

    def event_contract(self) -> dict[str, Any]:
        return {"service": "things", "events": {}, "consumes": {}}

    def seed(self) -> None:
        self.seeded = True

    def target(self) -> AbstractAsyncContextManager[Target]:
        raise AssertionError("not asked to")


def test_schema_goes_to_stdout_with_one_newline() -> None:
    result = CliRunner().invoke(command_line(Things()), ["schema"])
    assert (result.exit_code, result.stdout) == (0, "type Query {\n  hello: String!\n}\n")


def test_the_contract_goes_to_stdout_as_json() -> None:
    result = CliRunner().invoke(command_line(Things()), ["event-contract"])
    assert (result.exit_code, orjson.loads(result.stdout)["service"]) == (0, "things")


def test_seed_and_help() -> None:
    things = Things()
    assert CliRunner().invoke(command_line(things), ["seed"]).exit_code == 0
    assert things.seeded
    shown = CliRunner().invoke(command_line(things), ["--help"]).stdout
    for name in ("serve", "schema", "event-contract", "seed"):
        assert name in shown
