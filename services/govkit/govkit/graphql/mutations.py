"""Commands as mutations: one field each, with an input derived from the handler's input."""

from collections.abc import Sequence
from typing import Any

import strawberry

from govkit.commands import Command
from govkit.graphql.functions import Argument, make_field
from govkit.graphql.inputs import EXPECTED_VERSION, MUTATION_ID, command_input, read_input
from govkit.graphql.request import RequestContext
from govkit.graphql.types import entity_type


def mutation_type(commands: Sequence[Command]) -> Any:
    fields = {command.name: mutation_field(command) for command in commands}
    return strawberry.type(type("Mutation", (), fields), name="Mutation", description="命令 Commands")


def mutation_field(command: Command) -> Any:
    roles = ", ".join(sorted(role.name for role in command.roles))
    doc = " ".join(command.doc.split()) + f" (角色 Roles: {roles})"
    input_type = command_input(command.input_name, doc, command.fields, command.required)

    async def resolve(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
        # Roles first: someone who may not give the command learns nothing about what its input should be.
        context.actor.require(command.roles)
        body = given["input"]
        common = read_input((EXPECTED_VERSION, MUTATION_ID), body)
        result = await context.bus.run(
            command,
            context.actor,
            read_input(command.fields, body),
            mutation_id=common.get(MUTATION_ID.name),
            expected_version=common.get(EXPECTED_VERSION.name),
        )
        context.forget()
        return result

    # Nullable, so that one refused command does not take away the results of the others in the same request.
    return make_field(
        command.name,
        entity_type(command.result) | None,
        doc,
        resolve,
        (Argument("input", input_type, "输入 Input", True),),
    )
