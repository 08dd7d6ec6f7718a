"""JSON lines on stdout, one an entry, for our code and for every library.

Personal data never reach a log: nobody logs bodies, variables or documents; libraries that print commands or records
when they debug are held at WARNING; an exception is logged with its frames, and its message with every quoted text,
long number and run of Chinese characters blotted out, because drivers quote the stored values in their messages.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from govkit.runtime.tracing import current_trace_id

# At DEBUG these print commands, documents or records; strawberry prints a query's exception with its message.
_QUIET = {
    "aiokafka": logging.WARNING,
    "asyncio": logging.WARNING,
    "pymongo": logging.WARNING,
    "strawberry.execution": logging.CRITICAL,
    "uvicorn.access": logging.CRITICAL,
}
_PRIVATE = re.compile(r"""'[^']*'|"[^"]*"|\d{6,}|[\u4e00-\u9fff]{2,}""")
_MESSAGE_LENGTH = 300

ExceptionTuple = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logs(service: str, level: str = "INFO") -> None:
    """Route structlog and the standard library to stdout as JSON; every entry carries `service`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=[]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _naming(service),
        _add_trace_id,
        _describe_exception,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name, floor in _QUIET.items():
        logging.getLogger(name).setLevel(max(floor, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(name))


def scrub(text: str) -> str:
    """`text` without what could be personal: quoted values, numbers of six digits and more, Chinese text."""
    return _PRIVATE.sub("…", text)[:_MESSAGE_LENGTH]


def describe(error: BaseException) -> dict[str, Any]:
    """An exception for a log entry: type, scrubbed message, frames innermost last, and its cause."""
    frames = traceback.extract_tb(error.__traceback__)
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "message": scrub(str(error)),
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = describe(cause)
    return described


def _naming(service: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
        entry["service"] = service
        return entry

    return add


def _add_trace_id(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    trace_id = current_trace_id()
    if trace_id is not None:
        entry.setdefault("trace_id", trace_id)
    return entry


def _describe_exception(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    error = _exception_of(entry.pop("exc_info", None))
    if error is not None:
        entry["error"] = describe(error)
    return entry


def _exception_of(value: object) -> BaseException | None:
    if isinstance(value, BaseException):
        return value
    if isinstance(value, tuple):
        return cast(ExceptionTuple, value)[1]
    return sys.exc_info()[1] if value else None


def _dumps(entry: EventDict, default: Callable[[Any], Any] | None = None, **_kwargs: Any) -> str:
    return orjson.dumps(entry, default=default or str, option=orjson.OPT_NON_STR_KEYS).decode()
