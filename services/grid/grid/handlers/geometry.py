"""Boundaries as the domain takes them: valid, measured, compared with their neighbours and their parent."""

from collections.abc import Iterable
from typing import Any

from govkit import geo
from grid.domain.errors import GridError
from grid.domain.shapes import TOLERATED_M2, BoundingBox, Outline

Neighbour = tuple[str, dict[str, Any]]
"""Code and boundary of a grid whose bounding box touches the one in question."""


def draw(boundary: dict[str, Any], field: str = "boundary") -> Outline:
    """Raises GRID_GEOMETRY_INVALID with what is wrong with the boundary."""
    try:
        drawn = geo.outline(boundary)
    except geo.GeometryError as error:
        raise GridError.GEOMETRY_INVALID(field=field, reason=error.reason) from error
    west, south, east, north = drawn.bbox
    return Outline(
        boundary=drawn.geometry,
        bbox=BoundingBox(west=west, south=south, east=east, north=north),
        centroid=drawn.centroid,
        area_m2=round(drawn.area_m2, 2),
    )


def require_free_ground(outline: Outline, neighbours: Iterable[Neighbour]) -> None:
    """Raises GRID_OVERLAP with the codes and the largest shared area when the ground is taken."""
    shared = {
        code: area
        for code, boundary in neighbours
        if (area := geo.shared_area_m2(outline.boundary, boundary)) > TOLERATED_M2
    }
    if shared:
        raise GridError.OVERLAP(field="boundary", codes=sorted(shared), areaM2=round(max(shared.values()), 1))


def require_inside_base(code: str, inner: dict[str, Any] | None, base: dict[str, Any]) -> None:
    """Raises GRID_MICRO_OUTSIDE_BASE with the micro-grid's code."""
    if inner and (outside := geo.area_outside_m2(inner, base)) > TOLERATED_M2:
        raise GridError.MICRO_OUTSIDE_BASE(field="boundary", microGrid=code, areaM2=round(outside, 1))


def require_inside_community(outline: Outline, community: dict[str, Any]) -> None:
    """Raises GRID_OUTSIDE_PARENT."""
    if (outside := geo.area_outside_m2(outline.boundary, community)) > TOLERATED_M2:
        raise GridError.OUTSIDE_PARENT(field="boundary", areaM2=round(outside, 1))
