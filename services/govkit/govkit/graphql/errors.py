"""Errors for clients: business errors keep code, field and details; anything else is masked and logged whole."""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSyntaxError, OperationDefinitionNode, Source
from pymongo.errors import ConnectionFailure, WTimeoutError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from govkit.domain.errors import Gen, GovError
from govkit.runtime.logs import get_logger
from govkit.runtime.tracing import current_trace_id

NO_OPERATION = "须指定一个可执行的操作 Name one operation of the document, a query or a mutation"
log = get_logger(__name__)


class OneOperation(SchemaExtension):
    """Refuses a document of several operations without a name: Strawberry would take the first of them."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        operations = (
            [node for node in document.definitions if isinstance(node, OperationDefinitionNode)] if document else []
        )
        if len(operations) > 1 and context._provided_operation_name is None:
            context.pre_execution_errors = [GraphQLError(NO_OPERATION)]
        yield


class ShapedSchema:
    """A schema whose errors all carry `extensions{code, service, field, details, retryable, traceId}`."""

    def __init__(self, schema: strawberry.federation.Schema, service: str):
        self._schema = schema
        self._service = service

    def as_str(self) -> str:
        return self._schema.as_str()

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
    ) -> Any:
        try:
            result: Any = await self._schema.execute(query, variable_values, context_value, root_value, operation_name)
        except MissingQueryError:
            result = ExecutionResult(None, [GraphQLSyntaxError(Source(""), 0, "No operation.")])
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            result = ExecutionResult(None, [GraphQLError(NO_OPERATION)])
        if result.errors:
            result.errors = [shaped(error, self._service) for error in result.errors]
        return result


def shaped(error: GraphQLError, service: str) -> GraphQLError:
    cause = error.original_error
    parsed = not isinstance(error, GraphQLSyntaxError)
    extensions: dict[str, Any] = {
        "code": "GRAPHQL_VALIDATION_FAILED" if parsed else "GRAPHQL_PARSE_FAILED",
        "service": service,
        "retryable": False,
    }
    message = error.message
    if isinstance(cause, GovError):
        extensions |= {"code": cause.code, "retryable": cause.retryable}
        message = cause.message
        if cause.field:
            extensions["field"] = cause.field
        if cause.details:
            extensions["details"] = cause.details
    elif isinstance(cause, ConnectionFailure | WTimeoutError):
        log.warning("database away", path=error.path, exc_info=cause)
        message = Gen.DEPENDENCY_UNAVAILABLE.value
        extensions |= {"code": Gen.DEPENDENCY_UNAVAILABLE.code, "retryable": True}
    elif cause is not None and not isinstance(cause, GraphQLError):
        log.error("unexpected failure", path=error.path, exc_info=cause)
        message = Gen.INTERNAL.value
        extensions["code"] = Gen.INTERNAL.code
    extensions["traceId"] = current_trace_id()
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
