"""A machine of a county: configuration directory, images good and bad, and the command as its operators give it."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from lanling_images.build import BuildOptions, build
from lanling_images.names import recipe
from lanling_images.source import full_revision
from lanling_local import issuer
from lanling_local.paths import REPOSITORY
from lanling_local.ports import free_ports

WATCH_SECONDS = 8
COMMAND_SECONDS = 240
RECORDED = "query Rules { earningRules(first: 5) { edges { node { id code } } } }"

# What a bad version is: one line of the good one, another.
BAD = {
    "unready": ("govkit/runtime/app.py", "if missing:", "if True:"),
    "unready-gateway": ("gateway/serving/application.py", "200 if self.is_ready else 503, body", "503, body"),
    "errors": (
        "govkit/runtime/app.py",
        'answer: dict[str, Any] = {"data": result.data}',
        'result.errors = result.errors or ([__import__("graphql").GraphQLError("broken")]'
        ' if asked.query.startswith("mutation") else None)\n        answer: dict[str, Any] = {"data": None}'
        ' if result.errors else {"data": result.data}',
    ),
    "schema": (
        "govkit/service.py",
        "return self.schema.as_str()",
        'return self.schema.as_str().replace("  earningRules(", "  otherRules(")',
    ),
    "event": (
        "govkit/contract/document.py",
        "for cls in events",
        'for cls in events if cls.TYPE != "cn.lanling.points.granted.v1"',
    ),
}


@dataclass
class Host:
    """`command` runs as another process, as a person would start it."""

    directory: Path
    version: str
    engine: docker.DockerClient

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lanling_deploy", *arguments, "--config", str(self.directory)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything it said."""
        output, _ = (process := self.start(*arguments)).communicate(timeout=COMMAND_SECONDS)
        print(f"$ lanling-deploy {' '.join(arguments)}\n{output}")
        return process.returncode, output

    def deploy(self, service: str, version: str = "") -> None:
        code, output = self.command("deploy", service, version or self.version)
        assert code == 0, output

    def live(self) -> dict[str, Any]:
        """Service → the release that the journal says serves."""
        found: dict[str, Any] = {}
        begun: dict[str, Any] = {}
        for line in (self.directory / "state" / "journal.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if entry["kind"] == "begun":
                begun = entry["deployment"]["new"]
            if entry["kind"] == "ended" and entry["done"]:
                found[begun["service"]] = begun
        return found

    def running(self, service: str) -> list[str]:
        """Names of its containers that run."""
        prefix = f"lanling-{service}-"
        return sorted(one.name for one in self.engine.containers.list() if one.name.startswith(prefix))

    def gateway(self) -> str:
        """What stands in front of the gateways sends a request there now."""
        return f"http://{(self.directory / 'published' / 'gateway.address').read_text().strip()}/graphql"

    def token(self) -> str:
        scope = {"countyWide": True}
        return issuer.issue(["ADMIN", "ORG_ADMIN"], subject="load", scope=scope, directory=self.directory / "issuer")

    def remove_all(self) -> None:
        for one in self.engine.containers.list(all=True, filters={"label": "cn.lanling.release"}):
            one.remove(force=True)


def configure(directory: Path) -> None:
    """deploy.toml, an env file a service, secrets and known operations."""
    for name in ("secrets", "operations", "published"):
        (directory / name).mkdir(parents=True)
        (directory / name).chmod(0o755)
    issuer.environment(directory / "issuer")
    (directory / "secrets" / "jwks.json").write_bytes((directory / "issuer" / "jwks.json").read_bytes())
    (directory / "secrets" / "jwks.json").chmod(0o644)
    (directory / "secrets" / "gateway-key").write_text("only-for-the-checks-of-deployments\n")
    (directory / "operations" / "rules.graphql").write_text(RECORDED)
    first = free_ports(1)[0] // 50 * 50
    (directory / "deploy.toml").write_text(
        f'network = "host"\nports = [{first}, {first + 49}]\nready_seconds = 40\nminimum_free_mb = 1\n'
        f"[watch]\nseconds = {WATCH_SECONDS}\n"
    )
    shared = {
        "MONGODB_URI": os.environ["MONGODB_URI"],
        "KAFKA_BOOTSTRAP_SERVERS": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        "JWKS_URL": "file:///run/secrets/jwks.json",
        "JWT_ISSUER": issuer.ISSUER,
        "JWT_AUDIENCE": issuer.AUDIENCE,
        "PICKUP_CODE_SECRET": "only for the checks of deployments",
        "PERSONAL_DATA_KEY": base64.b64encode(bytes(32)).decode(),
        "GATEWAY_KEY_FILE": "/run/secrets/gateway-key",
        "LOG_LEVEL": "WARNING",
    }
    for service in ("organization", "points"):
        write_env(directory, service, {**shared, "MONGODB_DATABASE": f"deploy_{service}"})
    common = ("GATEWAY_KEY_FILE", "JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE")
    gateway = {name: shared[name] for name in common} | {"GATEWAY_WORKERS": "2", "GATEWAY_SUPERGRAPH_POLL": "0.5"}
    write_env(directory, "gateway", gateway)


def write_env(directory: Path, service: str, values: dict[str, str]) -> None:
    (directory / f"{service}.env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def build_good(engine: docker.DockerClient) -> str:
    """The version of HEAD, or the one that DEPLOY_CHECK_VERSION names."""
    if given := os.environ.get("DEPLOY_CHECK_VERSION"):
        return given
    revision = full_revision(REPOSITORY, "HEAD")
    options = BuildOptions(
        version=f"check-{revision[:12]}",
        revision=revision,
        base_image=os.environ.get("BASE_IMAGE", ""),
        network=os.environ.get("BUILD_NETWORK") or "default",
    )
    for name in ("organization", "points", "gateway"):
        build(engine, recipe(name), options)
    return options.version


def build_bad(engine: docker.DockerClient, version: str, kind: str, service: str = "points") -> str:
    """A version of the service with one line changed."""
    file, before, after = BAD[kind]
    patch = (
        f"from pathlib import Path\nfile = Path('/opt/application/{file}')\ntext = file.read_text()\n"
        f"assert {before!r} in text\nfile.write_text(text.replace({before!r}, {after!r}))\n"
    )
    directory = f"/opt/application/{Path(file).parent}/__pycache__"
    dockerfile = (
        f"FROM lanling/{service}:{version}\nUSER root\nCOPY patch.py /tmp/patch.py\n"
        f"RUN python /tmp/patch.py && rm -rf {directory}\nUSER 10001:10001\n"
    )
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, text in (("Dockerfile", dockerfile), ("patch.py", patch)):
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    context.seek(0)
    bad = f"{version}-{kind}"
    engine.images.build(fileobj=context, custom_context=True, tag=f"lanling/{service}:{bad}", rm=True)
    return bad
