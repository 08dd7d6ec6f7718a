"""Domain objects ⇄ stored documents and event data, generated once for each class by cattrs.

Documents keep Python names, `_id` for `id`, enum names, ISO dates and native UTC times. Event data is JSON with
camelCase names.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar, cast, get_origin

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from govkit.domain.events import Event
from govkit.domain.fields import camel, fields_of

T = TypeVar("T")
Document = dict[str, Any]


def _converter(rename: Callable[[str], str], json: bool) -> Converter:
    converter = Converter()
    converter.register_unstructure_hook_func(_is_enum, lambda member: member.name)
    converter.register_structure_hook_func(_is_enum, lambda name, cls: cls[name])
    converter.register_unstructure_hook(date, lambda day: day.isoformat())
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    if json:
        converter.register_unstructure_hook(datetime, lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"))
        converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    else:
        converter.register_unstructure_hook(datetime, lambda at: at)
        converter.register_structure_hook(datetime, lambda at, _: at)
    converter.register_unstructure_hook_func(_is_mapping, lambda value: value)
    converter.register_structure_hook_func(_is_mapping, lambda value, _: value)

    def overrides(cls: type) -> dict[str, Any]:
        shown = {item.name: override(rename=rename(item.name)) for item in fields_of(cls)}
        return shown | {
            name: override(omit=True) for name in getattr(cls, "__annotations__", {}) if name.startswith("_")
        }

    def writer(cls: type) -> Callable[[Any], Document]:
        return make_dict_unstructure_fn(cls, converter, **overrides(cls))

    def reader(cls: type) -> Callable[[Any, Any], Any]:
        read: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter, **overrides(cls))
        lists = [rename(item.name) for item in fields_of(cls) if item.many and not item.optional]

        def with_lists(given: Document, cls: Any) -> Any:
            """A list that is null or absent, as it was written before there was one, is empty."""
            empty: Document = {name: [] for name in lists if given.get(name) is None}
            return read(given | empty if empty else given, cls)

        return with_lists if lists else read

    converter.register_unstructure_hook_factory(_is_described, writer)
    converter.register_structure_hook_factory(_is_described, reader)
    return converter


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum)


def _is_mapping(cls: Any) -> bool:
    return get_origin(cls) is dict


def _is_described(cls: Any) -> bool:
    return isinstance(cls, type) and is_dataclass(cls)


def stored_name(name: str) -> str:
    return "_id" if name == "id" else name


DOCUMENTS = _converter(stored_name, json=False)
EVENTS = _converter(camel, json=True)


def to_document(value: Any) -> Document:
    return cast(Document, DOCUMENTS.unstructure(value))


def from_document(cls: type[T], document: Document) -> T:
    return DOCUMENTS.structure(document, cls)


def to_event_data(event: Event) -> Document:
    return cast(Document, EVENTS.unstructure(event))


def from_event_data(cls: type[T], data: Document) -> T:
    """Build a consumer's own view of an event; names that it does not declare are ignored (tolerant reader)."""
    return EVENTS.structure(data, cls)
