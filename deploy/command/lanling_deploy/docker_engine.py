"""The engine that Docker's API speaks for. Nothing else imports the SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from lanling_deploy.configuration import KEY_SETTINGS, MOUNTED_SECRETS, Configuration
from lanling_deploy.engine import Container, Finished
from lanling_deploy.errors import DeployError
from lanling_deploy.model import CONTAINER_PORT, Release
from lanling_local.parts import GATEWAY
from lanling_local.ports import HOST, is_free

SERVICE_LABEL = "cn.lanling.service"
RELEASE_LABEL = "cn.lanling.release"
STATE_LABEL = "cn.lanling.state"
"""Whose journal knows the container: an engine may run a county and one to try things on."""
STOP_SECONDS = 40  # longer than a service's own drain
ONCE_SECONDS = 120
API_SECONDS = 90
LOG_OPTIONS = {"max-size": "20m", "max-file": "5"}

F = TypeVar("F", bound=Callable[..., Any])


def _plainly(function: F) -> F:
    """What the engine refuses becomes one line."""

    @wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        import requests
        from docker.errors import APIError, DockerException

        try:
            return function(*arguments, **named)
        except APIError as error:
            raise DeployError(f"the engine refuses: {_one_line(error.explanation or error)}") from error
        except (DockerException, requests.RequestException, OSError) as error:
            raise DeployError(f"the engine does not answer: {_one_line(error)}") from error

    return called  # type: ignore[return-value]


class DockerEngine:
    """Raises DeployError when no engine answers at DOCKER_HOST, else at its usual socket."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._docker = self._connect()

    @_plainly
    def _connect(self) -> Any:
        try:
            import docker
        except ImportError:
            raise DeployError("the Docker SDK is missing: install the distribution docker (make does it)") from None
        client = docker.from_env(timeout=API_SECONDS)
        client.ping()
        return client

    def settings(self, service: str) -> dict[str, str]:
        from docker.utils import parse_env_file

        file = self._configuration.env_file(service)
        try:
            return dict(parse_env_file(str(file)))
        except OSError as error:
            raise DeployError(f"cannot read {file}: {error.strerror}") from error

    @_plainly
    def image_id(self, service: str, version: str) -> str:
        from docker.errors import ImageNotFound

        name = f"{self._configuration.images}/{service}:{version}"
        try:
            return str(self._docker.images.get(name).id)
        except ImageNotFound:
            raise DeployError(f"there is no image {name}: build it by make image, or load it") from None

    @_plainly
    def run_once(self, service: str, image: str, command: Sequence[str]) -> Finished:
        # Its port is not used by a command that serves nothing; it must only be a port.
        container = self._docker.containers.create(
            image, list(command), **self._options(service, CONTAINER_PORT, f"lanling-{service}")
        )
        try:
            container.start()
            code = int(container.wait(timeout=ONCE_SECONDS)["StatusCode"])
            output, errors = (container.logs(stdout=one, stderr=not one).decode() for one in (True, False))
            return Finished(code, output, errors)
        finally:
            container.remove(force=True)

    def free_port(self, taken: Sequence[int]) -> int:
        if not self._is_host:
            return CONTAINER_PORT
        first, last = self._configuration.ports
        for port in range(first, last + 1):
            if port not in taken and is_free(port):
                return port
        raise DeployError(f"every port from {first} to {last} is taken: give others by ports in deploy.toml")

    def host_of(self, service: str, number: int) -> str:
        return HOST if self._is_host else f"lanling-{service}-{number}"

    @_plainly
    def run(self, release: Release) -> None:
        from docker.errors import NotFound

        for name, port in zip(release.containers, release.ports, strict=True):
            try:
                container = self._docker.containers.get(name)
                if not self._is_own(container):
                    raise DeployError(f"a container {name} of another configuration is there: give it another engine")
            except NotFound:
                container = self._docker.containers.create(
                    release.image,
                    ["serve"],
                    name=name,
                    labels={
                        SERVICE_LABEL: release.service,
                        RELEASE_LABEL: str(release.number),
                        STATE_LABEL: str(self._configuration.state),
                    },
                    restart_policy={"Name": "unless-stopped"},
                    **self._options(release.service, port, release.name),
                )
            container.start()

    @_plainly
    def containers(self) -> Sequence[Container]:
        found = self._docker.containers.list(all=True, filters={"label": RELEASE_LABEL}, ignore_removed=True)
        return [self._container(one) for one in found if self._is_own(one)]

    @_plainly
    def stop(self, name: str) -> None:
        with self._there(name) as container:
            if container is not None:
                container.stop(timeout=STOP_SECONDS)

    @_plainly
    def remove(self, name: str) -> None:
        with self._there(name) as container:
            if container is not None:
                container.remove(force=True)

    @_plainly
    def logs(self, name: str, lines: int) -> Sequence[str]:
        with self._there(name) as container:
            text = container.logs(tail=lines).decode(errors="replace") if container is not None else ""
            return [str(line) for line in text.splitlines()]

    def follow(self, name: str, lines: int) -> Iterator[str]:
        with self._there(name) as container:
            if container is not None:
                for line in container.logs(tail=lines, stream=True, follow=True):
                    yield line.decode(errors="replace").rstrip("\n")

    @property
    def _is_host(self) -> bool:
        return self._configuration.network == "host"

    @contextmanager
    def _there(self, name: str) -> Iterator[Any]:
        from docker.errors import NotFound

        try:
            container = self._docker.containers.get(name)
        except NotFound:
            container = None
        yield container if container is not None and self._is_own(container) else None

    def _is_own(self, container: Any) -> bool:
        own = str(self._configuration.state)
        return bool(container.labels.get(STATE_LABEL, own) == own)

    def _container(self, one: Any) -> Container:
        state, environment = (
            one.attrs["State"],
            dict(pair.partition("=")[::2] for pair in one.attrs["Config"]["Env"] or ()),
        )
        service = one.labels.get(SERVICE_LABEL, "")
        port = environment["GATEWAY_PORT" if service == GATEWAY.name else "SERVICE_PORT"]
        networks = one.attrs["NetworkSettings"]["Networks"]
        host = HOST if "host" in networks else next((net["IPAddress"] for net in networks.values()), "")
        is_running = bool(state["Running"]) and not state["Restarting"]
        return Container(
            name=one.name,
            service=service,
            is_running=is_running,
            exit_code=int(state["ExitCode"]),
            restarts=int(one.attrs["RestartCount"]),
            address=f"{host}:{port}" if is_running and host else "",
            has_gateway_key=any(environment.get(name) for name in KEY_SETTINGS),
        )

    def _options(self, service: str, port: int, alias: str) -> dict[str, Any]:
        """Of every container: nothing may be written but /tmp, nothing gained, and where the service listens."""
        configuration = self._configuration
        volumes = {str(configuration.secrets): {"bind": MOUNTED_SECRETS, "mode": "ro"}}
        address = HOST if self._is_host else "0.0.0.0"
        if service == GATEWAY.name:
            volumes[str(configuration.published)] = {"bind": "/published", "mode": "ro"}
            own = {"GATEWAY_SUPERGRAPH": "/published/supergraph.graphql"}
            own |= {"GATEWAY_HOST": address, "GATEWAY_PORT": str(port)}
        else:
            own = {"SERVICE_HOST": address, "SERVICE_PORT": str(port)}
        options: dict[str, Any] = {
            "environment": {**self.settings(service), **own},
            "volumes": volumes,
            "read_only": True,
            "tmpfs": {"/tmp": "size=64m"},
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "log_config": {"Type": "json-file", "Config": LOG_OPTIONS},
            "detach": True,
        }
        return options | self._network(alias)

    def _network(self, alias: str) -> dict[str, Any]:
        if self._is_host:
            return {"network_mode": "host"}
        from docker.types import EndpointConfig

        network = self._configuration.network
        endpoint = EndpointConfig(self._docker.api._version, aliases=[alias])
        return {"network": network, "networking_config": {network: endpoint}}


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:300]
