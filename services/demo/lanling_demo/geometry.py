"""The lattice: rectangles in whole microdegrees of WGS-84, so that shared edges have identical coordinates.

Seven columns by three rows of communities, each about 1.3 km square, around the county's centre. Rows are numbered
from the north, columns from the west (reading order).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

LonLat = tuple[float, float]
Ring = tuple[LonLat, ...]

MICRO = 1_000_000
CENTRE_LON, CENTRE_LAT = 118_043_900, 34_850_800
COLUMNS, ROWS = 7, 3
CELL_WIDTH, CELL_HEIGHT = 14_219, 11_719  # 1.3 km each way at this latitude
METRES_PER_DEGREE_LAT = 110_935.0
METRES_PER_DEGREE_LON = 111_412.0 * cos(radians(CENTRE_LAT / MICRO))


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Bounds in microdegrees."""

    west: int
    south: int
    east: int
    north: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return self.west / MICRO, self.south / MICRO, self.east / MICRO, self.north / MICRO

    @property
    def centre(self) -> LonLat:
        return (self.west + self.east) / 2 / MICRO, (self.south + self.north) / 2 / MICRO

    @property
    def area_m2(self) -> float:
        width = (self.east - self.west) / MICRO * METRES_PER_DEGREE_LON
        return width * (self.north - self.south) / MICRO * METRES_PER_DEGREE_LAT

    def at(self, across: float, up: float) -> LonLat:
        """The point at these shares (0 … 1) of width and height from the south-west corner."""
        lon = self.west + round((self.east - self.west) * across)
        lat = self.south + round((self.north - self.south) * up)
        return lon / MICRO, lat / MICRO

    def contains(self, point: LonLat) -> bool:
        """Whether the point lies inside or on the border."""
        lon, lat = round(point[0] * MICRO), round(point[1] * MICRO)
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def lattice_cell(index: int) -> Rectangle:
    """The community rectangle with this index (0 … 20) in reading order."""
    row, column = divmod(index, COLUMNS)
    west = CENTRE_LON - COLUMNS * CELL_WIDTH // 2 + column * CELL_WIDTH
    north = CENTRE_LAT + ROWS * CELL_HEIGHT // 2 - row * CELL_HEIGHT
    return Rectangle(west, north - CELL_HEIGHT, west + CELL_WIDTH, north)


def cuts(start: int, length: int, weights: Sequence[int]) -> list[int]:
    """Coordinates that divide a length in proportion to the weights, both ends included."""
    total, done, coordinates = sum(weights), 0, [start]
    for weight in weights:
        done += weight
        coordinates.append(start + length * done // total)
    return coordinates


def columns(cell: Rectangle, weights: Sequence[int]) -> list[Rectangle]:
    """Vertical strips from west to east whose widths follow the weights."""
    edges = cuts(cell.west, cell.east - cell.west, weights)
    return [Rectangle(west, cell.south, east, cell.north) for west, east in pairwise(edges)]


def rows(cell: Rectangle, weights: Sequence[int]) -> list[Rectangle]:
    """Horizontal bands from north to south whose heights follow the weights."""
    edges = cuts(cell.south, cell.north - cell.south, list(reversed(weights)))
    bands = [Rectangle(cell.west, south, cell.east, north) for south, north in pairwise(edges)]
    return list(reversed(bands))


class Nodes:
    """The corners of a tiling, by parallel.

    A database on the sphere joins two points by a great circle, which leaves the parallel by some centimetres. Two
    neighbours agree on their shared edge only when both rings name every corner on it; meridians need no such care.
    """

    def __init__(self, tiles: Iterable[Rectangle]) -> None:
        by_lat: dict[int, set[int]] = {}
        for tile in tiles:
            for lat in (tile.south, tile.north):
                by_lat.setdefault(lat, set()).update((tile.west, tile.east))
        self._lons = {lat: sorted(lons) for lat, lons in by_lat.items()}

    def ring(self, rectangle: Rectangle) -> Ring:
        """Closed counter-clockwise exterior ring in degrees, with every node on its two parallels."""
        bottom = [(lon / MICRO, rectangle.south / MICRO) for lon in self._between(rectangle.south, rectangle)]
        top = [(lon / MICRO, rectangle.north / MICRO) for lon in self._between(rectangle.north, rectangle)]
        return (*bottom, *reversed(top), bottom[0])

    def _between(self, lat: int, rectangle: Rectangle) -> list[int]:
        return [lon for lon in self._lons[lat] if rectangle.west <= lon <= rectangle.east]
