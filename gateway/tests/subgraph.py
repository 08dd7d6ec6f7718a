"""A subgraph for tests: its federation SDL executed by graphql-core over a `World`, on a real HTTP server."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaExtensionNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)

from .world import Seen, View, World, make_resolvable

Definition = (
    ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode | InterfaceTypeExtensionNode
)

Intercept = Callable[[dict[str, Any]], Awaitable[tuple[int, bytes] | None]]


class Subgraph:
    """Answers on a free loopback port while started; keeps every request's query and variables."""

    def __init__(self, name: str, sdl: str, world: World):
        self.name = name
        document = parse(sdl)
        self._own = _own_fields(document, provided=_provided_names(sdl))
        self._interface_objects = {
            one.name.value: set(self._own.get(one.name.value, ()))
            for one in document.definitions
            if isinstance(one, ObjectTypeDefinitionNode) and _has(one, "interfaceObject")
        }
        self._view = View(world, self._sees)
        self._schema = make_resolvable(_executable(document))
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[bytes, bytes]] = []
        self.failures: list[Exception] = []  # bugs of this harness or of the planner, never of a test's data
        self.intercept: Intercept | None = None
        self.delay = 0.0
        self.answer_headers: list[tuple[bytes, bytes]] = []
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    async def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app, log_level="error", interface="asgi3", lifespan="off", access_log=False, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = no_signals  # type: ignore[method-assign]
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            await self._task
            self._server = None

    def _sees(self, type_name: str, field: str) -> bool:
        if type_name not in self._own:
            return any(field in fields for fields in self._interface_objects.values())
        return field in self._own[type_name]

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = json.loads(body)
        self.requests.append(request)
        self.headers.append(dict(scope["headers"]))
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = await self.intercept(request) if self.intercept else None
        try:
            status, payload = answer or (200, json.dumps(self.execute(request)).encode())
        except Exception as error:
            self.failures.append(error)
            raise
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(payload)).encode())]
        headers += self.answer_headers
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": payload})

    def execute(self, request: dict[str, Any]) -> dict[str, Any]:
        document = parse(request["query"])
        invalid = validate(self._schema, document)
        assert not invalid, f"{self.name} was sent an invalid operation: {invalid[0].message}\n{request['query']}"
        result = execute_sync(
            self._schema,
            document,
            root_value={"_entities": self._entities},
            variable_values=request.get("variables"),
            field_resolver=self._view.resolve,
        )
        return dict(result.formatted)

    def _entities(self, _source: Any, arguments: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for given in arguments["representations"]:
            name = given["__typename"]
            entity = self._view.world.find(name, {key: one for key, one in given.items() if key != "__typename"})
            if entity is None:
                found.append(None)
                continue
            if name in self._interface_objects:
                entity = {**entity, "__typename": name}
            own = self._view.see(entity)
            found.append(Seen(own | {key: one for key, one in given.items() if key not in own}))
        return found


def no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def _has(node: Any, directive: str) -> bool:
    return any(one.name.value == directive for one in node.directives or ())


def _provided_names(sdl: str) -> set[str]:
    field_sets = re.findall(r'@provides\(fields:\s*"([^"]*)"', sdl)
    return {name for fields in field_sets for name in re.findall(r"\w+", fields)}


def _own_fields(document: DocumentNode, provided: set[str]) -> dict[str, set[str]]:
    own: dict[str, set[str]] = {}
    for one in document.definitions:
        if isinstance(one, Definition):
            all_external = _has(one, "external")
            for field in one.fields or ():
                name = field.name.value
                is_key = name in _key_names(one)
                if name in provided or is_key or not (all_external or _has(field, "external")):
                    own.setdefault(one.name.value, set()).add(name)
            own.setdefault(one.name.value, set())
    return own


def _key_names(node: Definition) -> set[str]:
    texts = [
        str(argument.value.to_dict()["value"])
        for one in node.directives or ()
        if one.name.value == "key"
        for argument in one.arguments or ()
        if argument.name.value == "fields"
    ]
    return {name for text in texts for name in re.findall(r"\w+", text)}


def _executable(document: DocumentNode) -> Any:
    """The schema that a federation library would serve: the SDL with ``_entities`` added, link machinery gone."""
    definitions: list[Any] = []
    entities: list[str] = []
    has_query = False
    for one in document.definitions:
        if isinstance(one, SchemaExtensionNode):
            continue
        if isinstance(one, ObjectTypeExtensionNode | InterfaceTypeExtensionNode):
            kind = ObjectTypeDefinitionNode if isinstance(one, ObjectTypeExtensionNode) else InterfaceTypeDefinitionNode
            one = kind(name=one.name, interfaces=one.interfaces, directives=one.directives, fields=one.fields)
        has_query |= isinstance(one, ObjectTypeDefinitionNode) and one.name.value == "Query"
        if isinstance(one, ObjectTypeDefinitionNode) and _has(one, "key"):
            entities.append(one.name.value)
        definitions.append(one)
    machinery = "scalar _Any\ntype _Service { sdl: String! }\n"
    fields = "_service: _Service!"
    if entities:
        machinery += f"union _Entity = {' | '.join(entities)}\n"
        fields += " _entities(representations: [_Any!]!): [_Entity]!"
    if has_query:
        extra = parse(f"type Query {{ {fields} }}").definitions[0]
        assert isinstance(extra, ObjectTypeDefinitionNode)
        definitions = [_with_fields(one, extra.fields) if _is_query(one) else one for one in definitions]
    else:
        machinery += f"type Query {{ {fields} }}"
    whole = DocumentNode(definitions=(*definitions, *parse(machinery).definitions))
    return build_ast_schema(whole, assume_valid_sdl=True)


def _is_query(node: Any) -> bool:
    return isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Query"


def _with_fields(node: ObjectTypeDefinitionNode, extra: tuple[FieldDefinitionNode, ...] | None) -> Any:
    return ObjectTypeDefinitionNode(
        name=node.name,
        description=node.description,
        interfaces=node.interfaces,
        directives=node.directives,
        fields=(*(node.fields or ()), *(extra or ())),
    )
