"""The effective settings as TOML, and their hash."""

import hashlib
from collections.abc import Iterator

from msgspec.structs import fields

from station.config.structs import Settings
from station.domain.documents.fields import Table
from station.domain.documents.spelling import quoted_key, value_text


def show(settings: Settings) -> str:
    """Every setting with every default filled in; `load` reads it back as the same settings."""
    return "\n".join(_tables(settings))


def settings_hash(settings: Settings) -> str:
    """SHA-256 of `show(settings)` in UTF-8 as 64 hex digits, so that `sha256sum` of what is shown agrees."""
    return hashlib.sha256(show(settings).encode()).hexdigest()


def _tables(settings: Settings) -> Iterator[str]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, Table):
            yield _table(f"[{field.encode_name}]", value)
        elif isinstance(value, tuple):
            yield from (_table(f"[[{field.encode_name}]]", each) for each in value)


def _table(header: str, table: Table) -> str:
    lines = [f"{quoted_key(key)} = {value_text(value)}\n" for key, value in plain(table).items()]
    return f"{header}\n{''.join(lines)}"


def plain(table: Table) -> dict[str, object]:
    """A table's keys and values as the file has them: `kind` first, what is None left out."""
    config = type(table).__struct_config__
    shown: dict[str, object] = {config.tag_field: config.tag} if config.tag_field else {}
    for field in fields(table):
        value = getattr(table, field.name)
        if value is not None:
            shown[field.encode_name] = plain(value) if isinstance(value, Table) else value
    return shown
