"""GeoJSON inputs: any shape of a geometry passes, nesting without end does not reach what recurses over it."""

from typing import Annotated, Any

import pytest

from govkit.domain import Doc, GeoJson, GovError
from govkit.domain.fields import describe
from govkit.graphql.inputs import from_input

BOUNDARY = describe("boundary", Annotated[GeoJson, Doc("边界 Boundary")])
SQUARE = [[118.0, 34.8], [118.1, 34.8], [118.1, 34.9], [118.0, 34.8]]


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [118.0, 34.8]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
    ],
)
def test_a_geometry_passes_as_it_is(geometry: dict[str, Any]) -> None:
    assert from_input(BOUNDARY, geometry, "boundary") is geometry


@pytest.mark.parametrize("levels", [8, 500, 100_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    for geometry in (
        {"type": "Polygon", "coordinates": nested(levels)},
        {"type": "Polygon", "coordinates": [], "extra": {"deep": nested(levels - 1)}},
    ):
        with pytest.raises(GovError, match="GEN_VALIDATION"):
            from_input(BOUNDARY, geometry, "boundary")
