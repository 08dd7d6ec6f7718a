"""Errors for clients: business errors keep code, field and details; anything else is masked and logged whole."""

from collections.abc import AsyncIterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from govkit.domain.errors import Gen, GovError
from govkit.runtime.logs import get_logger
from govkit.runtime.tracing import current_trace_id

log = get_logger(__name__)


def shape_errors(service: str) -> type[SchemaExtension]:
    """The extension that gives every error of an operation its `extensions{code, service, field, details, retryable, traceId}`."""

    class ShapeErrors(SchemaExtension):
        async def on_operation(self) -> AsyncIterator[None]:
            yield
            result: Any = self.execution_context.result
            if result is not None and result.errors:
                result.errors = [shaped(error, service) for error in result.errors]
            # Parse and validation errors are reported before there is a result.
            if self.execution_context.pre_execution_errors:
                self.execution_context.pre_execution_errors = [
                    shaped(error, service) for error in self.execution_context.pre_execution_errors
                ]

    return ShapeErrors


def shaped(error: GraphQLError, service: str) -> GraphQLError:
    cause = error.original_error
    extensions: dict[str, Any] = {"code": "GRAPHQL_VALIDATION_FAILED", "service": service, "retryable": False}
    message = error.message
    if isinstance(cause, GovError):
        extensions |= {"code": cause.code, "retryable": cause.retryable}
        message = cause.message
        if cause.field:
            extensions["field"] = cause.field
        if cause.details:
            extensions["details"] = cause.details
    elif cause is not None and not isinstance(cause, GraphQLError):
        log.error("unexpected failure", path=error.path, exc_info=cause)
        message = Gen.INTERNAL.value
        extensions["code"] = Gen.INTERNAL.code
    extensions["traceId"] = current_trace_id()
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
