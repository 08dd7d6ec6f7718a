"""Where the county ends."""

from govkit.domain import GeoPoint
from petition.domain.errors import PetError

WEST, EAST = 117.6, 118.4
SOUTH, NORTH = 34.5, 35.2
"""A box around Lanling county with some kilometres of margin, in WGS-84 degrees.

A point outside it is a slip (swapped coordinates) or another county's matter, and is refused. A point inside
it that lies in no grid is kept: intake never fails for an unknown location (domain reference 3.3).
"""


def require_inside(point: GeoPoint) -> None:
    """Raises PET_OUTSIDE_COUNTY."""
    if not (WEST <= point.longitude <= EAST and SOUTH <= point.latitude <= NORTH):
        raise PetError.OUTSIDE_COUNTY(
            field="location", longitude=point.longitude, latitude=point.latitude, bounds=[WEST, SOUTH, EAST, NORTH]
        )
