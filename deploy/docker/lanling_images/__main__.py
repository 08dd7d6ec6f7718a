"""`python -m lanling_images build|sbom|ping`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lanling_images.build import BuildOptions, build
from lanling_images.engine import connect
from lanling_images.errors import ImageError
from lanling_images.names import recipe, recipes
from lanling_images.sbom import write_sbom
from lanling_images.source import full_revision
from lanling_local.paths import REPOSITORY

cli = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Names = Annotated[list[str] | None, typer.Argument(help="Services, or gateway; none: all", show_default=False)]
Version = Annotated[str, typer.Option(help="Tag of the images, for example 1.4.0")]


@cli.command(name="build")
def build_images(
    version: Version,
    names: Names = None,
    revision: Annotated[str, typer.Option(help="What is built: a commit, tag or branch")] = "HEAD",
    base_image: Annotated[str, typer.Option(envvar="BASE_IMAGE", help="Instead of python:3.11-slim-bookworm")] = "",
    network: Annotated[
        str, typer.Option(envvar="BUILD_NETWORK", help="Network of the build: host, or a name")
    ] = "default",
) -> None:
    """Build images from a revision of the repository."""
    client = connect()
    commit = full_revision(REPOSITORY, revision)  # once, so that all images are of the same one
    options = BuildOptions(version=version, revision=commit, base_image=base_image, network=network)
    for one in [recipe(name) for name in names] if names else recipes():
        made = build(client, one, options)
        typer.echo(f"{made.tag}  {made.bytes / 1e6:.0f} MB  {made.seconds:.1f} s  {made.revision[:12]}")


@cli.command()
def sbom(
    version: Version,
    names: Names = None,
    directory: Annotated[Path, typer.Option(help="Where the files go")] = REPOSITORY / ".run" / "sbom",
) -> None:
    """Write what each image holds, as CycloneDX JSON."""
    client = connect()
    for one in [recipe(name) for name in names] if names else recipes():
        file = directory / f"{one.name}-{version}.cdx.json"
        count = write_sbom(client, one.tag(version), file)
        typer.echo(f"{file}  {count} components")


@cli.command()
def ping() -> None:
    """Whether an engine answers; exit code 1 and one line when none does."""
    connect()


def main() -> None:
    try:
        cli()
    except ImageError as error:
        for line in error.details:
            print(f"    {line}", file=sys.stderr)
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
