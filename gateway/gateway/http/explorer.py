"""The page at GET /graphql for browsers: one file, nothing loaded from elsewhere, so that it works without the
internet.

Example tabs come from ``.graphql`` documents: a folder of them, or one file. The first comment line of a document is
its title; variables may stand beside it as ``<name>.json``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

from .responses import HeaderPairs

_PLACE = "/*examples*/[]"


def read_examples(path: Path | None) -> list[dict[str, str]]:
    """``title``, ``query`` and ``variables`` of every document, by file name. Missing paths have none."""
    if path is None or not path.exists():
        return []
    documents = sorted(path.glob("*.graphql")) if path.is_dir() else [path]
    examples = []
    for document in documents:
        query = document.read_text("utf-8")
        first = query.lstrip().splitlines()[0] if query.strip() else ""
        beside = document.with_suffix(".json")
        examples.append(
            {
                "title": first.lstrip("# ").strip() if first.startswith("#") else document.stem,
                "query": query,
                "variables": beside.read_text("utf-8") if beside.exists() else "",
            }
        )
    return examples


def explorer_page(examples: list[dict[str, str]]) -> bytes:
    page = files(__package__).joinpath("explorer.html").read_text("utf-8")
    data = json.dumps(examples, ensure_ascii=False).replace("<", "\\u003c")
    return page.replace(_PLACE, data).encode()


def page_headers(page: bytes) -> HeaderPairs:
    """A content security policy that allows just the page's own script, by its hash."""
    script = re.search(rb"<script>(.*?)</script>", page, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script.group(1)).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return [(b"content-security-policy", policy.encode()), (b"cache-control", b"no-cache")]
