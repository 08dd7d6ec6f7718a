"""Samples of events: whole, valid, the same every time, and of the form of real ones."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from govkit.bus.envelope import Envelope
from govkit.bus.inbox import by_type
from govkit.contract.document import contract
from govkit.contract.samples import sample, sample_data, sample_id
from govkit.contract.schemas import event_schema
from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    GeoJson,
    GeoPoint,
    Id,
    LabelEnum,
    Range,
    Ref,
    Role,
    StateTable,
    action,
)
from govkit.domain.events import event
from govkit.domain.fields import Added
from govkit.geo.polygons import read_polygon
from govkit.store.codec import from_event_data, to_event_data

from ..library.service import SERVICE


class Colour(LabelEnum):
    RED = "红 Red"
    GREEN = "绿 Green"
    BLUE = "蓝 Blue"


@event("kite.flown")
class KiteFlown(Event):
    """放风筝 A kite was flown"""

    kite_id: Annotated[Id, Doc("风筝 Kite")]
    owner_id: Annotated[Id | None, Doc("主人 Owner"), Ref("Kite")]
    colours: Annotated[list[Colour], Doc("颜色 Colours")]
    code: Annotated[Code, Doc("代码 Code", example="K-7")]
    started_on: Annotated[date, Doc("开始 Started")]
    ended_on: Annotated[date, Doc("结束 Ended")]
    height: Annotated[float, Doc("高度 Height in metres"), Range(50, 200)]
    minutes: Annotated[int, Doc("时长 Minutes")]
    seat: Annotated[int, Doc("座位 Seat"), Range(0, 2)]
    place: Annotated[GeoPoint, Doc("地点 Place")]
    area: Annotated[GeoJson | None, Doc("区域 Area")]
    wind_code: Annotated[Code, Doc("风 Wind"), Added]


def test_values_have_the_form_of_real_ones() -> None:
    data = sample_data(KiteFlown)
    assert uuid.UUID(data["kiteId"]).version == 7
    assert data["kiteId"] == data["ownerId"] == sample_id("Kite")
    assert data["colours"] == ["RED", "GREEN"]
    assert (data["code"], data["windCode"]) == ("K-7", "WIND-1")
    assert data["startedOn"] < data["endedOn"]
    assert (data["height"], data["minutes"], data["seat"]) == (50, 90, 2)
    assert data["place"] == {"longitude": 118.07, "latitude": 34.85}
    assert read_polygon(data["area"]).area == pytest.approx(1e-6)  # square degrees


@pytest.mark.parametrize("cls", [*SERVICE.events, KiteFlown], ids=lambda cls: cls.TYPE)
def test_a_sample_is_a_valid_event_that_its_class_reads(cls: type[Event]) -> None:
    whole = sample("/lanling/library", cls)
    assert whole == sample("/lanling/library", cls)
    assert whole["subject"] == next(iter(whole["data"].values()))
    assert whole["dataschema"] == f"library/{cls.TYPE}.json"
    Draft202012Validator(event_schema(cls)).validate(whole["data"])
    assert to_event_data(from_event_data(cls, whole["data"])) == whole["data"]


def test_an_envelope_reads_a_sample() -> None:
    envelope = Envelope.from_json(orjson.dumps(sample("/lanling/library", KiteFlown)))
    assert (envelope.type, envelope.sequence) == ("cn.lanling.kite.flown.v1", 1)


def test_a_schema_requires_what_was_always_there_and_labels_members() -> None:
    schema = event_schema(KiteFlown)
    assert "windCode" in schema["properties"]
    assert "windCode" not in schema["required"]
    assert schema["properties"]["colours"]["items"]["x-labels"]["BLUE"] == "蓝 Blue"
    assert schema["examples"] == [sample_data(KiteFlown)]
    assert "deprecated" not in schema


def test_a_version_with_a_last_day_is_deprecated() -> None:
    annotations: dict[str, Any] = {"kite_id": Annotated[Id, Doc("风筝 Kite")]}
    cls = type("KiteLost", (Event,), {"__annotations__": annotations, "__doc__": "丢失 Lost"})
    schema = event_schema(event("kite.lost", version=2, until=date(2027, 6, 30))(cls))
    assert (schema["title"], schema["deprecated"]) == ("cn.lanling.kite.lost.v2", True)
    assert schema["x-until"] == "2027-06-30"


def test_the_contract_names_commands_of_registers_and_what_is_consumed() -> None:
    said = contract("library", "/lanling/library", SERVICE.events, SERVICE.aggregates, SERVICE.all_consumers)
    assert said["events"]["cn.lanling.branch.opened.v1"]["commands"] == ["createBranch"]
    assert said["events"]["cn.lanling.branch.snapshot.v1"]["commands"] == []
    assert said["consumes"].keys() == by_type(SERVICE.all_consumers).keys()


class KiteState(LabelEnum):
    ON_GROUND = "在地 On the ground"
    IN_AIR = "在空中 In the air"


@dataclass(kw_only=True)
class Kite(Aggregate):
    """风筝 Kite"""

    TABLE = StateTable(
        action("launchKite", KiteState.ON_GROUND, KiteState.IN_AIR, Role.RESIDENT),
        action("landKite", KiteState.IN_AIR, KiteState.ON_GROUND, Role.RESIDENT),
    )

    state: Annotated[KiteState, Doc("状态 State")] = KiteState.ON_GROUND

    def launch(self) -> None:
        self.TABLE.move(self, "launchKite")

    def land(self, **values: Any) -> None:
        self.TABLE.move(self, "landKite")
        self.record(KiteFlown, **values)


def test_the_contract_names_the_row_of_the_table_with_which_an_event_is_recorded() -> None:
    events = contract("kites", "/lanling/kites", [KiteFlown], [Kite], [])["events"]
    assert events["cn.lanling.kite.flown.v1"]["commands"] == ["landKite"]
