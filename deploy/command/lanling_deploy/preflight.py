"""All that is looked at before anything happens, and from it the deployment. Nothing that runs is changed here."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lanling_deploy.configuration import KEY_FILE
from lanling_deploy.contracts import (
    Contract,
    Subgraph,
    broken_events,
    broken_operations,
    compose,
    read_operations,
)
from lanling_deploy.engine import Finished
from lanling_deploy.errors import DeployError
from lanling_deploy.model import Deployment, Release, digest
from lanling_deploy.steps import NO_SUCH_COMMAND
from lanling_deploy.world import AFTER, BEFORE, EVENTS, SCHEMA, World
from lanling_local.parts import GATEWAY, services
from lanling_local.paths import REPOSITORY

VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
CONFIGURATION, PENDING, NEWER = 2, 4, 5
"""Exit codes of `migrate --check`."""


@dataclass(frozen=True)
class Prepared:
    """A deployment that may begin. `texts`: what is kept with the new release."""

    deployment: Deployment
    texts: dict[str, str]
    migrations: str


def prepare(world: World, service: str, version: str, *, image: str = "") -> Prepared:
    """`image`: the engine's id, when it is not what the version's name stands for. Raises DeployError."""
    if not VERSION.fullmatch(version):
        raise DeployError(f"{version!r} is no version: letters, digits, dots, dashes, as in 1.4.0")
    county = world.journal.county
    _check("disk", world, lambda: _disk(world))
    image = image or world.engine.image_id(service, version)
    _check("settings", world, lambda: _settings(world, service))
    _check("key", world, lambda: check_key(world, service))
    texts: dict[str, str] = {}
    if service == GATEWAY.name:
        _check("image", world, lambda: _check_gateway(world, image))
        migrations = ""
    else:
        migrations = _check("database", world, lambda: _database(world, service, image))
        _check("image", world, lambda: _ask_image(world, service, image, texts))
    old, number = county.live.get(service), county.next_number(service)
    ports: list[int] = []
    taken = [port for one in county.live.values() for port in one.ports]
    for _ in old.ports if old else (0,):
        ports.append(world.engine.free_port([*taken, *ports]))
    new = Release(service, number, version, image, world.engine.host_of(service, number), tuple(ports))
    texts[BEFORE] = world.published(service).text()
    if service == GATEWAY.name:
        texts[AFTER] = f"{new.host}:{new.ports[0]}\n"
    else:
        texts[AFTER] = _check("supergraph", world, lambda: compose(_subgraphs(world, new, texts[SCHEMA])))
        _check("operations", world, lambda: _operations(world, texts))
        _check("events", world, lambda: _events(world, texts))
    deployment = Deployment(f"{service}-{number}", new, old, digest(texts[BEFORE]), digest(texts[AFTER]))
    return Prepared(deployment, texts, migrations)


def accept(world: World, prepared: Prepared) -> Deployment:
    """Keep what belongs to the new release."""
    for name, text in prepared.texts.items():
        world.keep(prepared.deployment.new, name, text)
    return prepared.deployment


def _check(what: str, world: World, look: Callable[[], str]) -> str:
    started = world.clock.now()
    found = look()
    world.say(f"{what:<10} {world.clock.now() - started:4.1f} s  {'composes' if what == 'supergraph' else found}")
    return found


def _disk(world: World) -> str:
    directory: Path = world.configuration.state
    try:
        directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(directory).free // 2**20
    except OSError as error:
        raise DeployError(f"cannot use {directory}: {error.strerror}") from error
    if free < world.configuration.minimum_free_mb:
        raise DeployError(f"the disk is nearly full: {free} MB free, {world.configuration.minimum_free_mb} wanted")
    return f"{free} MB free"


def _settings(world: World, service: str) -> str:
    file = world.configuration.env_file(service)
    if not file.is_file():
        raise DeployError(f"the configuration of {service} is missing: {file}")
    return str(file)


def check_key(world: World, service: str) -> str:
    """Gateway and services all have the gateway's key or none has, by their settings and as they run.

    Raises DeployError with what would else be refused, or answered to anybody.
    """
    live, is_gateway = world.journal.county.live, service == GATEWAY.name
    if not is_gateway and GATEWAY.name not in live:
        return "no gateway runs yet"
    signing = world.gateway_keys(GATEWAY.name)[:1]
    for name in [one for one in live if one != GATEWAY.name] if is_gateway else [service]:
        known = world.gateway_keys(name)
        if known and not signing:
            raise DeployError(f"{name} answers signed calls only, and gateway.env has no {KEY_FILE}")
        if signing and not known:
            raise DeployError(f"the gateway signs, but {name} would answer anybody: {name}.env has no {KEY_FILE}")
        if signing and signing[0] not in known:
            raise DeployError(f"the key that the gateway signs with is none of those of {name}")
        if is_gateway and not signing and _runs_with_key(world, name):
            raise DeployError(f"the {name} that runs answers signed calls only: deploy it without {KEY_FILE} first")
        if known and not is_gateway and not _runs_with_key(world, GATEWAY.name):
            raise DeployError(f"the gateway that runs signs nothing yet: deploy it with {KEY_FILE} before {name}")
    return "calls are signed" if signing else f"no {KEY_FILE}: services answer whoever reaches them"


def _runs_with_key(world: World, service: str) -> bool:
    live = world.journal.county.live.get(service)
    return live is not None and any(one.has_gateway_key for one in world.containers_of(live) if one.is_running)


def _database(world: World, service: str, image: str) -> str:
    """The image's own checks with the real configuration: settings, migrations, database, broker."""
    checked = world.engine.run_once(service, image, ["migrate", "--check"])
    has_migrations = NO_SUCH_COMMAND not in checked.errors
    if has_migrations and checked.exit_code == NEWER:
        raise DeployError(f"the database is newer than this version: {checked.last_line}")
    if has_migrations and checked.exit_code not in (0, PENDING):
        raise _refusal(checked)
    status = world.engine.run_once(service, image, ["events", "status", "--json"])
    if status.exit_code:
        raise _refusal(status)
    if not has_migrations:
        return "reached, and the broker; no migrations in this version"
    return "reached, and the broker; " + ("migrations pending" if checked.exit_code == PENDING else "up to date")


def _refusal(finished: Finished) -> DeployError:
    lines = finished.errors.splitlines()
    wrong = [line for line in lines if line.startswith("configuration: ")]
    if finished.exit_code == CONFIGURATION and wrong:
        return DeployError(wrong[0], wrong[1:])
    return DeployError(f"database or broker: {finished.last_line}", lines[-8:])


def _ask_image(world: World, service: str, image: str, texts: dict[str, str]) -> str:
    texts[SCHEMA] = _printed(world, service, image, "schema")
    texts[EVENTS] = _printed(world, service, image, "event-contract")
    return "it says its schema and its events"


def _printed(world: World, service: str, image: str, command: str) -> str:
    finished = world.engine.run_once(service, image, [command])
    if finished.exit_code:
        raise DeployError(f"the image cannot print its {command}: {finished.last_line}")
    return finished.output


def _check_gateway(world: World, image: str) -> str:
    if not world.published("").text():
        raise DeployError("a gateway needs a supergraph: deploy a service first")
    command = ["inspect", "graph", "--supergraph", "/published/supergraph.graphql"]
    finished = world.engine.run_once(GATEWAY.name, image, command)
    if finished.exit_code:
        raise DeployError(f"this version cannot serve what is published: {finished.last_line}")
    return "it can serve what is published"


def _subgraphs(world: World, new: Release, schema: str) -> list[Subgraph]:
    """The new one, the others that run, and those that the configuration names."""
    found = {new.service: Subgraph(new.service, new.url, schema)}
    for part in services():
        live = world.journal.county.live.get(part.name)
        if part.name == new.service:
            continue
        if live:
            found[part.name] = Subgraph(part.name, live.url, world.kept(live, SCHEMA))
        elif part.name in world.configuration.routes:
            committed = REPOSITORY / "schemas" / "subgraphs" / f"{part.name}.graphql"
            found[part.name] = Subgraph(part.name, world.configuration.routes[part.name], committed.read_text("utf-8"))
    return [found[name] for name in sorted(found)]


def _operations(world: World, texts: dict[str, str]) -> str:
    operations = read_operations(world.configuration.operations)
    if broken := broken_operations(texts[BEFORE], texts[AFTER], operations):
        raise DeployError(f"the schema breaks {len(broken)} known operations: {broken[0]}", broken[1:])
    return f"{len(operations)} known ones run"


def _events(world: World, texts: dict[str, str]) -> str:
    live = world.journal.county.live
    others: dict[str, Contract] = {
        name: json.loads(text) for name, one in live.items() if (text := world.kept(one, EVENTS))
    }
    contract: Contract = json.loads(texts[EVENTS])
    if broken := broken_events(contract, REPOSITORY / "schemas" / "published", others, datetime.now(UTC).date()):
        raise DeployError(f"an event is broken for its subscribers: {broken[0]}", broken[1:])
    return f"{len(contract['events'])} types keep what is promised"
