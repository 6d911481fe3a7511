"""The JSON Schema: identified, and with a description for every key that a spec may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.spec import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator


def _keys(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for section in (schema, *schema["$defs"].values()):
        for key, value in section.get("properties", {}).items():
            yield f"{section['title']}.{key}", value


def test_every_key_is_described() -> None:
    """An editor shows what a key means while it is written."""
    keys = dict(_keys(Pipeline.model_json_schema()))
    assert len(keys) > 50
    assert [key for key, value in keys.items() if not value.get("description")] == []


def test_the_schema_has_an_identity() -> None:
    """By which other documents refer to it."""
    assert Pipeline.model_json_schema()["$id"] == "urn:edgent:pipeline:1"
