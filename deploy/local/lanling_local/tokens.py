"""`make token`: from words on the command line to one bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govkit.domain.identity import Role
from lanling_local import issuer
from lanling_local.errors import StackError


def token(roles: str, subject: str, ids: Mapping[str, str], *, county_wide: str = "", hours: str = "") -> str:
    """`ids`: claim of the scope → ids, separated by commas; claims that end in `Ids` are lists.

    Raises StackError for an unknown role, or a value that cannot be meant.
    """
    issuer.environment()  # the services verify by the JWKS document that this writes
    return issuer.issue(
        _roles(roles),
        subject=subject or "developer",
        scope=_scope(ids, county_wide),
        hours=_hours(hours),
    )


def _roles(text: str) -> list[str]:
    roles = _list(text.upper())
    known = [role.name for role in Role]
    unknown = [role for role in roles if role not in known]
    if not roles or unknown:
        wrong = f"unknown ROLE {', '.join(unknown)}" if unknown else "ROLE= is missing"
        raise StackError(f"{wrong}: give one or more of {', '.join(known)}")
    return roles


def _scope(ids: Mapping[str, str], county_wide: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    for claim, text in ids.items():
        values = _list(text)
        if claim.endswith("Ids") and values:
            scope[claim] = values
        elif len(values) > 1:
            raise StackError(f"a token has one {claim}, not {len(values)}")
        elif values:
            scope[claim] = values[0]
    if county_wide:
        if county_wide not in ("0", "1"):
            raise StackError(f"COUNTYWIDE={county_wide}: give 1 or 0")
        scope["countyWide"] = county_wide == "1"
    return scope


def _hours(text: str) -> float:
    try:
        return float(text) if text else issuer.DEFAULT_HOURS
    except ValueError:
        raise StackError(f"HOURS={text}: give a number") from None


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
