from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import jwt
import pytest

from lanling_local import issuer
from lanling_local.errors import StackError
from lanling_local.tokens import token


def verified(bearer: str, directory: Path) -> dict[str, Any]:
    """The claims, by the way of a service: only with what the environment names."""
    names = issuer.environment(directory)
    keys = jwt.PyJWKSet.from_json(Path(url2pathname(names["JWKS_URL"].removeprefix("file://"))).read_text())
    key = keys[jwt.get_unverified_header(bearer)["kid"]]
    return jwt.decode(bearer, key, algorithms=["EdDSA"], issuer=names["JWT_ISSUER"], audience=names["JWT_AUDIENCE"])


def test_a_token_is_verified_by_the_published_key(tmp_path: Path) -> None:
    scope = {"communityIds": ["com_1"], "countyWide": False}
    claims = verified(issuer.issue(["GRID_WORKER"], subject="wrk_1", scope=scope, directory=tmp_path), tmp_path)
    assert (claims["sub"], claims["roles"], claims["scope"]) == ("wrk_1", ["GRID_WORKER"], scope)
    assert claims["exp"] - claims["iat"] == issuer.DEFAULT_HOURS * 3600


@pytest.mark.parametrize(
    ("roles", "county_wide"),
    [(["AUDITOR"], True), (["RESIDENT"], False), (["COMMUNITY_SECRETARY"], False), (["RESIDENT", "DPO"], True)],
)
def test_without_a_scope_roles_of_the_county_reach_the_county(
    tmp_path: Path, roles: list[str], county_wide: bool
) -> None:
    claims = verified(issuer.issue(roles, directory=tmp_path), tmp_path)
    assert claims["scope"] == {"countyWide": county_wide}


def test_negative_hours_give_an_expired_token(tmp_path: Path) -> None:
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(issuer.issue(["AUDITOR"], hours=-1, directory=tmp_path), tmp_path)


def test_the_private_key_is_not_published_and_not_readable_by_others(tmp_path: Path) -> None:
    issuer.environment(tmp_path)
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    (published,) = json.loads((tmp_path / "jwks.json").read_text())["keys"]
    assert "d" not in published


def test_first_uses_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: issuer.issue(["AUDITOR"], directory=tmp_path), range(16)))
    assert {jwt.get_unverified_header(one)["kid"] for one in tokens} == {
        issuer.environment(tmp_path) and json.loads((tmp_path / "jwks.json").read_text())["keys"][0]["kid"]
    }


def test_words_of_the_command_line_become_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANLING_RUN_DIRECTORY", str(tmp_path))
    ids = {"communityIds": "com_1, com_2", "departmentId": "dep_1", "gridIds": ""}
    claims = verified(token("grid_worker,SPOKESPERSON", "wrk_1", ids, hours="0.5"), tmp_path / "issuer")
    assert claims["roles"] == ["GRID_WORKER", "SPOKESPERSON"]
    assert claims["scope"] == {"communityIds": ["com_1", "com_2"], "departmentId": "dep_1"}
    assert claims["exp"] - claims["iat"] == 1800


@pytest.mark.parametrize(
    ("roles", "ids", "county_wide", "hours", "message"),
    [
        ("AUDITER", {}, "", "", "unknown ROLE AUDITER: give one or more of RESIDENT"),
        ("", {}, "", "", "ROLE= is missing"),
        ("PARTNER", {"partnerId": "a,b"}, "", "", "one partnerId, not 2"),
        ("AUDITOR", {}, "yes", "", "COUNTYWIDE=yes: give 1 or 0"),
        ("AUDITOR", {}, "", "soon", "HOURS=soon: give a number"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    roles: str,
    ids: dict[str, str],
    county_wide: str,
    hours: str,
    message: str,
) -> None:
    monkeypatch.setenv("LANLING_RUN_DIRECTORY", str(tmp_path))
    with pytest.raises(StackError, match=message):
        token(roles, "", ids, county_wide=county_wide, hours=hours)
