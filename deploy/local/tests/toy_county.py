"""A county of two small services and a gateway, which the tests of `run` start as `make run` starts the real one.

    python toy_county.py DIRECTORY GATEWAY_PORT FIRST_PORT SECOND_PORT

The processes read how to behave from the environment: TOY_FAILS names the command (serve, seed) of `toy_second` that
raises an error.
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def serve(port: int) -> None:
    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def behave(package: str, command: str) -> None:
    """What `python -m toy_…` does."""
    if package == "toy_second" and os.environ.get("TOY_FAILS") == command:
        raise ValueError(f"no luck with {command}")
    if command == "seed":
        print(f"{os.environ['MONGODB_DATABASE']}: 3 of 3 loaded")
    else:
        serve(int(os.environ.get("SERVICE_PORT") or os.environ["GATEWAY_PORT"]))


def main() -> int:
    from lanling_local.configuration import Configuration
    from lanling_local.parts import Part
    from lanling_local.run import run
    from lanling_local.stack import InfrastructurePorts

    directory, gateway, first, second = Path(sys.argv[1]), *map(int, sys.argv[2:])
    for package in ("toy_gateway", "toy_first", "toy_second"):
        module = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nimport toy_county\n"
        (directory / f"{package}.py").write_text(module + f"toy_county.behave({package!r}, sys.argv[1])\n")
    os.environ["PYTHONPATH"] = str(directory)
    return run(
        Configuration(
            services=(Part("toy-first", "toy_first", first), Part("toy-second", "toy_second", second)),
            gateway=Part("gateway", "toy_gateway", gateway),
            directory=directory,
            sources=Path(__file__).parent,
            infrastructure_ports=InfrastructurePorts.free(),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
