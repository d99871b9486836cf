"""A struct's JSON Schema as it is published: one object without `$ref`, its patterns as every reader knows them."""

from inspect import cleandoc
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PREFIX = "urn:custody-station:"
_REFERENCE = "#/$defs/"


def struct_schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of one struct, those that it is made of written out in it. None of ours contains itself."""
    found = msgspec.json.schema(_plain_struct(struct))
    inlined: dict[str, Any] = _inlined_schema(found, found["$defs"])
    return inlined


def portable_pattern(pattern: str) -> str:
    r"""A pattern as ECMA-262 reads it, where `\A` and `\Z` mean the letters."""
    return pattern.replace(r"\A", "^").replace(r"\Z", "$")


def _inlined_schema(found: Any, named: dict[str, Any]) -> Any:
    if isinstance(found, list | tuple):
        # Releases of msgspec order the members of an optional field differently.
        return sorted((_inlined_schema(each, named) for each in found), key=lambda each: bool(each == {"type": "null"}))
    if not isinstance(found, dict):
        return found
    if "$ref" in found:
        return _inlined_schema(named[found["$ref"].removeprefix(_REFERENCE)], named)
    return {name: _member_of(name, value, named) for name, value in found.items() if name != "$defs"}


def _member_of(name: str, value: Any, named: dict[str, Any]) -> Any:
    if name == "pattern" and isinstance(value, str):
        return portable_pattern(value)
    if name == "description" and isinstance(value, str):
        return cleandoc(value)  # Python 3.13 has taken the indentation away already
    return _inlined_schema(value, named)


def _plain_struct(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The same struct, or one that says `Any` for what is kept unread: its default cannot be written as JSON."""
    if all(field.type is not msgspec.Raw for field in fields(struct)):
        return struct
    is_closed = struct.__struct_config__.forbid_unknown_fields
    members = [_member_schema(field) for field in fields(struct)]
    return msgspec.defstruct(struct.__name__, members, kw_only=True, forbid_unknown_fields=is_closed)


def _member_schema(field: FieldInfo) -> Any:
    value_type = Any if field.type is msgspec.Raw else field.type
    if field.required:
        return field.encode_name, value_type
    return field.encode_name, value_type, None if field.type is msgspec.Raw else field.default
