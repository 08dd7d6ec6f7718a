"""Media types of GraphQL over HTTP: which one to answer in, which ones a request body may have."""

from __future__ import annotations

from functools import lru_cache

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"
EVENTS = "text/event-stream"

REMEMBERED = 100  # values of a header: clients send few different ones


@lru_cache(REMEMBERED)
def _qualities(accept: str) -> dict[str, float]:
    """Media ranges with their quality, in the order of the header."""
    ranges = {}
    for part in accept.split(","):
        media, _, parameters = part.partition(";")
        quality = 1.0
        for parameter in parameters.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if media.strip():
            ranges[media.strip().lower()] = quality
    return ranges


def preferences(accept: str) -> tuple[str, ...]:
    """Media ranges by falling quality; those with quality 0 left out."""
    wanted = [one for one in _qualities(accept).items() if one[1] > 0]
    return tuple(media for media, _ in sorted(wanted, key=lambda one: -one[1]))


def answer_type(accept: str | None) -> str | None:
    """The type to answer in; None when the client accepts none of ours. JSON where it does not care."""
    if not accept:
        return JSON
    for media in preferences(accept):
        if media in (GRAPHQL, JSON):
            return media
        if media in ("*/*", "application/*"):
            found = next((one for one in (JSON, GRAPHQL) if not _is_refused(accept, one)), None)
            if found:
                return found
    return None


def _is_refused(accept: str, media: str) -> bool:
    """Whether the most particular range that the type is in has quality 0 (RFC 9110, 12.5.1)."""
    qualities = _qualities(accept)
    ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
    return not next((qualities[one] for one in ranges if one in qualities), 0.0) > 0


def wants_page(accept: str | None) -> bool:
    """Whether a browser asks: it names HTML before any type of ours."""
    for media in preferences(accept or ""):
        if media == HTML:
            return True
        if media in (GRAPHQL, JSON):
            return False
    return False


def wants_events(accept: str | None) -> bool:
    """Whether the client wants a stream of events rather than one answer."""
    for media in preferences(accept or ""):
        if media == EVENTS:
            return True
        if media in (GRAPHQL, JSON, HTML):
            return False
    return False


@lru_cache(REMEMBERED)
def is_json(content_type: str) -> bool:
    media, _, parameters = content_type.partition(";")
    if media.strip().lower() != JSON:
        return False
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            return False
    return True


def is_plain(content_encoding: str | None) -> bool:
    """Whether a body is as it was written: no coding is undone here."""
    return content_encoding is None or content_encoding.strip().lower() == "identity"
