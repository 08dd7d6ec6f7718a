"""Where one run keeps what: written once by the run, read by the processes that it starts."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ServicePlace:
    """`listens_to` names the services whose topics it consumes; `environment` is what its processes get."""

    name: str
    package: str
    url: str
    database: str
    listens_to: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """`gateway` is empty when the load goes to the services themselves. `stories`: whose stories the load tells."""

    directory: Path
    kafka: str
    mongodb: str
    prefix: str
    gateway: str
    services: tuple[ServicePlace, ...]
    stories: tuple[str, ...]

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger.jsonl"

    @property
    def faults(self) -> Path:
        return self.directory / "faults.jsonl"

    @property
    def enough(self) -> Path:
        """This file tells the load that no more faults are to come."""
        return self.directory / "enough"

    def topic(self, service: str) -> str:
        return f"{self.prefix}.{service}.events"

    def service(self, name: str) -> ServicePlace:
        return next(service for service in self.services if service.name == name)

    def url(self, service: str) -> str:
        return self.gateway or self.service(service).url

    def write(self) -> None:
        content = asdict(self) | {"directory": str(self.directory)}
        (self.directory / "place.json").write_text(json.dumps(content, indent=2))

    @classmethod
    def read(cls, directory: Path) -> "Place":
        content = json.loads((directory / "place.json").read_text())
        services = tuple(
            ServicePlace(**{**row, "listens_to": tuple(row["listens_to"])}) for row in content.pop("services")
        )
        return cls(**{**content, "directory": directory, "services": services, "stories": tuple(content["stories"])})
