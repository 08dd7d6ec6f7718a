"""Publishing in a repository of its own: golden samples stay, retired types stay readable, a break writes nothing."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest

from govkit.contract.samples import sample
from govkit.contract.schemas import event_schema
from govkit.domain.events import Event, event
from govkit.domain.fields import Added, Code, Doc, Id
from lanling_local.contract import write
from lanling_local.contract.compatibility import ENDS_TOO_SOON, NOTICE
from lanling_local.contract.files import Files, broken_promises, contract_files, stale_files, unpublished
from lanling_local.contract.services import EventType, ServiceContract
from lanling_local.errors import StackError
from lanling_local.paths import REPOSITORY

TYPE = "cn.lanling.parcel.delivered.v1"
FIELDS: dict[str, Any] = {"parcel_id": Annotated[Id, Doc("包裹 Parcel")], "code": Annotated[Code, Doc("代码 Code")]}
ADDED = {"depot_id": Annotated[Id, Doc("站 Depot"), Added]}
SAMPLE, SCHEMA = Path(f"schemas/samples/points/{TYPE}.json"), Path(f"schemas/events/points/{TYPE}.json")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "schemas").mkdir()
    for name in ("topics.toml", "volume.toml"):
        shutil.copy(REPOSITORY / "schemas" / name, tmp_path / "schemas")
    return tmp_path


def contracts(*versions: type[Event]) -> list[ServiceContract]:
    source = "/lanling/points"
    events = tuple(EventType("points", cls.TYPE, event_schema(cls), sample(source, cls), ()) for cls in versions)
    return [ServiceContract("points", events, {}), ServiceContract("grid", (), {TYPE: ("note_parcel",)})]


def delivered(fields: dict[str, Any], version: int = 1, until: date | None = None) -> type[Event]:
    cls = type("ParcelDelivered", (Event,), {"__annotations__": fields, "__doc__": "送达 Delivered"})
    return event("parcel.delivered", version, until)(cls)


def publish(monkeypatch: pytest.MonkeyPatch, repository: Path, *versions: type[Event]) -> Files:
    """As `make publish-schemas` does with these classes; returns the files of the contract."""
    monkeypatch.setattr(write, "current_contracts", lambda: contracts(*versions))
    write.publish_event_contract(repository)
    return contract_files(repository, contracts(*versions))


def test_what_is_published_is_written_and_nothing_waits(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = contracts(delivered(FIELDS))
    assert unpublished(repository, now) == [TYPE]
    files = publish(monkeypatch, repository, delivered(FIELDS))
    assert unpublished(repository, now) == []
    assert all((repository / path).read_bytes() == text for path, text in files.items())
    assert stale_files(repository, files) == []
    page = files[Path("docs/events/points.md")].decode()
    assert "grid: note parcel" in page
    assert "`parcelId`" in page


def test_an_added_field_leaves_the_golden_sample_as_it_was(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(monkeypatch, repository, delivered(FIELDS))
    with_field = delivered(FIELDS | ADDED)
    assert unpublished(repository, contracts(with_field)) == [TYPE]
    second = publish(monkeypatch, repository, with_field)
    assert second[SAMPLE] == first[SAMPLE]
    schema = json.loads(second[SCHEMA])
    assert schema["required"] == ["parcelId", "code"]
    assert "depotId" in schema["examples"][0]
    assert "后增 added later" in second[Path("docs/events/points.md")].decode()


def test_a_changed_golden_sample_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, repository, delivered(FIELDS))
    (repository / SAMPLE).write_text("{}")
    with pytest.raises(StackError, match="never changes"):
        contract_files(repository, contracts(delivered(FIELDS)))


def test_a_broken_promise_stops_writing_and_publishing(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = publish(monkeypatch, repository, delivered(FIELDS))
    without = delivered({"parcel_id": FIELDS["parcel_id"]})
    monkeypatch.setattr(write, "current_contracts", lambda: contracts(without))
    for step in (write.write_event_contract, write.publish_event_contract):
        with pytest.raises(StackError) as refused:
            step(repository)
        assert [line.split(": ")[0] for line in refused.value.details] == [f"{TYPE} code"]
    assert all((repository / path).read_bytes() == text for path, text in files.items())
    assert unpublished(repository, contracts(delivered(FIELDS))) == []


def test_a_retired_version_keeps_schema_and_sample(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = datetime.now(UTC).date() + NOTICE
    old, new = delivered(FIELDS, until=last), delivered(ADDED | FIELDS, version=2)
    both = publish(monkeypatch, repository, old, new)
    assert f"至 until {last}" in both[Path("docs/events/points.md")].decode()
    assert json.loads(both[SCHEMA])["deprecated"] is True
    assert [each.type for each in broken_promises(repository, contracts(new), last)] == [TYPE]
    assert broken_promises(repository, contracts(new), last + timedelta(days=1)) == []
    only_new = contract_files(repository, contracts(new))
    assert (only_new[SCHEMA], only_new[SAMPLE]) == (both[SCHEMA], both[SAMPLE])
    assert stale_files(repository, only_new) == []


def test_a_last_day_of_the_past_is_not_published(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the class could go the next day."""
    publish(monkeypatch, repository, delivered(FIELDS))
    with pytest.raises(StackError) as refused:
        publish(monkeypatch, repository, delivered(FIELDS, until=date(2026, 6, 30)))
    assert ENDS_TOO_SOON in refused.value.details[0]


def test_files_of_types_that_were_never_published_go_with_their_class(repository: Path) -> None:
    stale = repository / "schemas/events/points/cn.lanling.parcel.lost.v1.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    files = contract_files(repository, contracts(delivered(FIELDS)))
    assert stale_files(repository, files) == [stale.relative_to(repository)]
