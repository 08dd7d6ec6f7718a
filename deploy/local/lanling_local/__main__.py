"""The commands behind the Makefile: `python -m lanling_local --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from lanling_local.errors import StackError, Stopped

# Each command imports what it needs: a token must not wait for the driver of the database.


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except StackError as error:
        from lanling_local.console import show_error

        show_error(error)
    except (KeyboardInterrupt, Stopped):
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lanling_local", description="The county on one machine.")
    commands = parser.add_subparsers(required=True)

    def add(name: str, help_text: str, command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(command=command)
        return sub

    add("run", "start everything, load the demonstration county, stop on Ctrl-C", _run)
    demo = add("demo", "load the demonstration county into the running stack again", _demo)
    demo.add_argument("--service", default="", help="only the part of this service")
    with_infrastructure = add("broker-and-database", "Kafka and MongoDB on free ports, with empty data", _infra)
    with_infrastructure.add_argument("program", nargs="*", help="what runs against them; else wait for Ctrl-C")
    token = add("token", "print one bearer token", _token)
    token.add_argument("--role", default="", help="role names, separated by commas")
    token.add_argument("--sub", default="", help="the subject")
    token.add_argument("--hours", default="", help="how long it is valid")
    token.add_argument("--county-wide", default="", help="1: the whole county")
    for name in SCOPE_CLAIMS:
        token.add_argument(f"--{name}", default="", help="ids, separated by commas")
    status = add("status", "one table of the running county; exit code 1 when something is not well", _status)
    status.add_argument("--seconds", type=float, default=2.0, help="how long rates are measured")
    operate = add("operate", "a service's own command line, configured as in the running county", _operate)
    operate.add_argument("service", help="by name, such as points")
    operate.add_argument("words", nargs=argparse.REMAINDER, help="such as: events status")
    add("compose-schema", "write all schemas of the repository from the code", _compose_schema)
    add("publish-schemas", "promise the events as they are now to their subscribers, for good", _publish_schemas)
    add(
        "install-composer",
        "install what composes the supergraph and validates the AsyncAPI document",
        _install_composer,
    )
    add("clean-data", "forget data and logs of the local stack", _clean_data)
    add("class-path", "print the class path of the broker's jars, which hold the Java client", _class_path)
    add("lock-jars", "lock the newest resolution of the broker's jars", _lock_jars)
    return parser


SCOPE_CLAIMS = {
    "street": "streetIds",
    "community": "communityIds",
    "grid": "gridIds",
    "supermarket": "supermarketIds",
    "union": "unionIds",
    "department": "departmentId",
    "partner": "partnerId",
    "enterprise": "enterpriseId",
}


def _run(arguments: argparse.Namespace) -> int:
    from lanling_local.configuration import Configuration
    from lanling_local.run import run

    return run(Configuration())


def _demo(arguments: argparse.Namespace) -> int:
    from lanling_local.demo import load_again

    return load_again(arguments.service)


def _infra(arguments: argparse.Namespace) -> int:
    from lanling_local.broker_and_database import run_with_infrastructure

    return run_with_infrastructure(arguments.program)


def _token(arguments: argparse.Namespace) -> int:
    from lanling_local.tokens import token

    given = {claim: getattr(arguments, name) for name, claim in SCOPE_CLAIMS.items()}
    print(token(arguments.role, arguments.sub, given, county_wide=arguments.county_wide, hours=arguments.hours))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from lanling_local.status import status

    return status(arguments.seconds)


def _operate(arguments: argparse.Namespace) -> int:
    from lanling_local.configuration import Configuration
    from lanling_local.parts import service_named
    from lanling_local.stack import Infrastructure

    part, county = service_named(arguments.service), Configuration()
    environment = county.service_environment(part, Infrastructure.running(county.infrastructure_ports))
    os.execve(sys.executable, [sys.executable, "-m", part.package, *arguments.words], {**os.environ, **environment})


def _compose_schema(arguments: argparse.Namespace) -> int:
    from lanling_local.compose import compose_schemas

    return compose_schemas()


def _publish_schemas(arguments: argparse.Namespace) -> int:
    from lanling_local.contract.write import publish_event_contract
    from lanling_local.paths import REPOSITORY

    publish_event_contract(REPOSITORY)
    return 0


def _install_composer(arguments: argparse.Namespace) -> int:
    from lanling_local.node import install_packages
    from lanling_local.paths import REPOSITORY

    for tool in ("compose", "asyncapi"):
        install_packages(REPOSITORY / "schemas" / tool)
    return 0


def _clean_data(arguments: argparse.Namespace) -> int:
    from lanling_local.clean import clean_data

    return clean_data()


def _class_path(arguments: argparse.Namespace) -> int:
    from lanling_local.jars import class_path

    print(class_path(lambda line: print(line, file=sys.stderr)))
    return 0


def _lock_jars(arguments: argparse.Namespace) -> int:
    from lanling_local.jars import write_lock

    write_lock(print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
