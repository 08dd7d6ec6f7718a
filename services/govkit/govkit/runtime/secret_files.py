"""A setting from a file: in the place of a variable `NAME` its `NAME_FILE` may say where the value stands, as with the
secrets of containers. Works for every field, so that nobody needs to know which of them somebody thinks secret."""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource, SettingsError

SUFFIX = "_file"


class SecretFiles(PydanticBaseSettingsSource):
    """The value is the file's text without the white space around it.

    Raises SettingsError, with one line, when a file cannot be read, is empty, or the variable is set as well.
    """

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value is not None}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{field_name}{SUFFIX}".upper()
        path = os.environ.get(variable)
        # A field that is a path by itself is read by whoever uses it.
        if not path or field_name.endswith(SUFFIX) or field_name + SUFFIX in self.settings_cls.model_fields:
            return None, field_name, False
        if os.environ.get(field_name.upper()):
            raise SettingsError(f"{field_name.upper()} and {variable} are both set: unset one of them")
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SettingsError(f"{variable}: {path} cannot be read: {why}") from None
        if not text:
            raise SettingsError(f"{variable}: {path} is empty")
        return text, field_name, False
