"""Names of images: what registries take, and what they do not."""

from __future__ import annotations

import pytest

from edgent.deploy.image_name import ImageName
from edgent.errors import ArchiveError

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "parts", "has_registry"),
    [
        ("edge:1", ("edge", "1", ""), False),
        ("edge", ("edge", "", ""), False),
        ("host:5000/edge", ("host:5000/edge", "", ""), True),
        ("team/edge:1.0-rc_2", ("team/edge", "1.0-rc_2", ""), False),
        ("localhost/edge:1", ("localhost/edge", "1", ""), True),
        ("registry.local:5000/a/b__c/edge:1", ("registry.local:5000/a/b__c/edge", "1", ""), True),
        ("host:5000/edge:1", ("host:5000/edge", "1", ""), True),
        ("[::1]:5000/edge:1", ("[::1]:5000/edge", "1", ""), True),
        (f"ghcr.io/a/edge@{DIGEST}", ("ghcr.io/a/edge", "", DIGEST), True),
        (f"ghcr.io/a/edge:1@{DIGEST}", ("ghcr.io/a/edge", "1", DIGEST), True),
    ],
)
def test_parts(text: str, parts: tuple[str, str, str], has_registry: bool) -> None:
    """Name, tag and digest, and back."""
    image = ImageName.parse(text)
    assert (image.name, image.tag, image.digest) == parts
    assert str(image) == text
    assert image.has_registry is has_registry
    assert image.is_complete is any(parts[1:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Edge:1",
        "edge:",
        "edge:a b",
        "edge:-1",
        "-edge:1",
        "a//b:1",
        "edge@sha256:12",
        f"edge:{'x' * 129}",
        f"{'e' * 256}:1",
        "https://host/edge:1",
        "edge:1\n",
    ],
)
def test_what_is_none(text: str) -> None:
    """Half a tag, capitals, blanks, half a digest, too long."""
    with pytest.raises(ArchiveError, match="write NAME, NAME:TAG or NAME@sha256:DIGEST"):
        ImageName.parse(text)
