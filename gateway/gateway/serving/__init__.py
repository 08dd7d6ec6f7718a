"""The gateway as processes that serve: all parts made from the settings, a server, workers, reload."""

from .application import Application

__all__ = ["Application"]
