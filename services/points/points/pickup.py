"""The pickup codes of this process. The composition root gives them their secret before the first command runs."""

from points.domain.redemption import PickupCodes

_codes: list[PickupCodes] = []


def configure(secret: str) -> None:
    _codes[:] = [PickupCodes(secret)]


def pickup_codes() -> PickupCodes:
    """Raises RuntimeError when the service was put together without a secret."""
    if not _codes:
        raise RuntimeError("pickup codes have no secret")
    return _codes[0]
