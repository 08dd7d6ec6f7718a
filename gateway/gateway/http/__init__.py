"""The gateway over HTTP."""

from .app import Application

__all__ = ["Application"]
