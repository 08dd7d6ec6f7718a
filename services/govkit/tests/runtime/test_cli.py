from pathlib import Path

from typer.testing import CliRunner

from govkit.runtime.cli import command_line


class Things:
    name = "things"
    seeded = False

    def serve(self) -> None:
        raise AssertionError("not asked to")

    def schema_text(self) -> str:
        return "type Query {\n  hello: String!\n}\n"

    def event_schemas(self) -> dict[str, bytes]:
        return {"cn.lanling.thing.changed.v1.json": b"{}\n"}

    def seed(self) -> None:
        self.seeded = True


def test_schema_goes_to_stdout_with_one_newline() -> None:
    result = CliRunner().invoke(command_line(Things()), ["schema"])
    assert (result.exit_code, result.stdout) == (0, "type Query {\n  hello: String!\n}\n")


def test_event_schemas_replace_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "events" / "things"
    folder.mkdir(parents=True)
    (folder / "cn.lanling.thing.gone.v1.json").write_text("{}")
    assert CliRunner().invoke(command_line(Things()), ["event-schemas", str(folder)]).exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["cn.lanling.thing.changed.v1.json"]


def test_seed_and_help() -> None:
    things = Things()
    assert CliRunner().invoke(command_line(things), ["seed"]).exit_code == 0
    assert things.seeded
    shown = CliRunner().invoke(command_line(things), ["--help"]).stdout
    for name in ("serve", "schema", "event-schemas", "seed"):
        assert name in shown
