"""GraphiQL at the endpoint, from files that the operator provides; nothing is loaded from elsewhere.

``GATEWAY_GRAPHIQL`` names a directory with the four files of `FILES` (npm packages ``graphiql`` 2, ``react`` and
``react-dom`` 18, their browser builds). Without it browsers get the gateway's own explorer.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from ..errors import GatewayError
from .responses import HeaderPairs

FILES = {
    "react.production.min.js": "text/javascript",
    "react-dom.production.min.js": "text/javascript",
    "graphiql.min.js": "text/javascript",
    "graphiql.min.css": "text/css",
}
PREFIX = "/graphql/graphiql/"

_SCRIPT = """
const tabs = %s.map(({query, variables}) => ({query, variables}));
ReactDOM.createRoot(document.getElementById("graphiql")).render(React.createElement(GraphiQL, {
  fetcher: GraphiQL.createFetcher({url: location.pathname}),
  defaultTabs: tabs.length ? tabs : undefined,
  defaultEditorToolsVisibility: "headers",
  shouldPersistHeaders: false,
}));
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}graphiql.min.css">
<style>html, body, #graphiql {{ height: 100%; margin: 0; }}</style>
</head>
<body>
<div id="graphiql">GraphiQL …</div>
<script src="{prefix}react.production.min.js"></script>
<script src="{prefix}react-dom.production.min.js"></script>
<script src="{prefix}graphiql.min.js"></script>
<script>{script}</script>
</body>
</html>
"""


class GraphiQL:
    """The page, its headers, and the files below `PREFIX`. Raises `GatewayError` when a file is missing."""

    def __init__(self, directory: Path, examples: list[dict[str, str]]):
        self._files: dict[str, bytes] = {}
        for name in FILES:
            try:
                self._files[name] = (directory / name).read_bytes()
            except OSError as error:
                raise GatewayError(f"GATEWAY_GRAPHIQL: {directory / name}: {error.strerror}") from None
        script = _SCRIPT % json.dumps(examples, ensure_ascii=False).replace("<", "\\u003c")
        self.page = _PAGE.format(prefix=PREFIX, script=script).encode()
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
            "connect-src 'self'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        self.headers: HeaderPairs = [(b"content-security-policy", policy.encode()), (b"cache-control", b"no-cache")]

    def file(self, path: str) -> tuple[bytes, str] | None:
        """Content and media type of a path below `PREFIX`."""
        name = path.removeprefix(PREFIX)
        return (self._files[name], FILES[name]) if name in self._files else None
