"""Synthetic persons: names from short syllable lists, telephone numbers and identity numbers that cannot be real."""

from datetime import date, timedelta
from random import Random

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_MIDDLE = "文明建国志永春晓雨秀玉桂海庆兰思"
_LAST = "华强军平芳丽敏静涛磊洋艳娟霞宁杰"
_CHECK = "10X98765432"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

MAN, WOMAN = "MALE", "FEMALE"


def name(kind: str, n: int) -> str:
    """Name of the n-th person of a kind. Different persons may share one, as in life."""
    random = Random(f"name/{kind}/{n}")
    return random.choice(_FAMILY) + random.choice(_MIDDLE) + random.choice(_LAST)


def gender(kind: str, n: int) -> str:
    return MAN if Random(f"gender/{kind}/{n}").random() < 0.52 else WOMAN


def phone(n: int) -> str:
    """``1990000`` and four digits: a range that serves as example. Repeats after 10,000."""
    return f"1990000{n % 10_000:04}"


def identity_number(n: int) -> str:
    """Eighteen characters, born in 1900, unique for n below 300,000, with a check character that is always wrong."""
    born = date(1900, 1, 1) + timedelta(days=n % 365)
    body = f"371324{born:%Y%m%d}{n // 365:03}"
    return body + wrong_check(body)


def right_check(body: str) -> str:
    """Check character of the first 17 digits by GB 11643 (ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def wrong_check(body: str) -> str:
    """A digit that is not the right check character, and never X."""
    right = right_check(body)
    return "1" if right == "X" else str((int(right) + 1) % 10)


def credit_code(n: int) -> str:
    """Eighteen characters in the form of a unified social credit code of the county, not a registered one."""
    return f"91371324DEMO{n:06}"
