"""What tests write into a county as people would: names, telephone and identity numbers, free texts. None of it may
occur in an event, and `MARKS` finds each in whatever form it got there."""

from new_employment_group.domain.codes import ID_CHECK, ID_WEIGHTS

NAME = "暗名Qv4Wn"
TEXT = "暗记Zq7Xk"
PHONE = "19900007531"
_BORN = "3713241899"
MARKS = ("Qv4Wn", "Zq7Xk", PHONE, _BORN)
"""Letters of Latin only: JSON may escape others."""


def id_number(number: int) -> str:
    """A right identity number, another one for each `number` below 336,000; its owner would be over 120."""
    days, order = divmod(number, 1_000)
    month, day = divmod(days, 28)
    body = f"{_BORN}{month + 1:02}{day + 1:02}{order:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
    return body + ID_CHECK[total % 11]
