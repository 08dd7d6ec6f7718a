"""Check characters of the two national numbers: credit codes of organizations and identity numbers of persons."""

import re

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE = re.compile(rf"[{CREDIT_ALPHABET}]{{18}}")
DEMONSTRATION_CREDIT_CODE = re.compile(r"91371324DEMO\d{6}", re.ASCII)
"""Codes of the demonstration county. The letter O is not in the real alphabet, so that none can be a registered one."""

ID_NUMBER = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]", re.ASCII)
DEMONSTRATION_ID_NUMBER = re.compile(r"3713241900\d{7}\d", re.ASCII)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"


def credit_code_holds(code: str) -> bool:
    """Form and check character by GB 32100-2015: weights 3^i modulo 31 over the first 17 characters."""
    if not CREDIT_CODE.fullmatch(code):
        return False
    total = sum(CREDIT_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def id_number_holds(number: str) -> bool:
    """Form and check character by GB 11643-1999 (ISO 7064, MOD 11-2)."""
    if not ID_NUMBER.fullmatch(number):
        return False
    return (
        ID_CHECK[sum(int(digit) * weight for digit, weight in zip(number[:17], ID_WEIGHTS, strict=True)) % 11]
        == number[17]
    )


def is_demonstration_id_number(number: str) -> bool:
    """A number of the demonstration county: born in 1900 and with a wrong check character, so nobody's."""
    return bool(DEMONSTRATION_ID_NUMBER.fullmatch(number)) and not id_number_holds(number)
