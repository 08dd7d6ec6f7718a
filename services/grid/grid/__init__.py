"""The grid service: the county's net of grids. Boundaries, who is on duty where, and which grid a point lies in."""
