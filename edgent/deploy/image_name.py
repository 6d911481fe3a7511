"""The name of an image as registries know it: ``HOST:PORT/PATH:TAG``, or with a digest in place of a tag."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgent.errors import ArchiveError

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_LONGEST_NAME = 255


@dataclass(frozen=True)
class ImageName:
    """A name in parts.

    Attributes:
        name: with the registry, if it names one.
        tag: empty where a digest says which one is meant, or where nobody has said it yet.
        digest: ``sha256:`` and 64 digits; empty where the tag alone says it.
    """

    name: str
    tag: str
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """The parts of a name, which may have a tag or a digest.

        Raises:
            ArchiveError: it is no such name.
        """
        found = _IMAGE.fullmatch(text)
        if found is None or len(found["name"]) > _LONGEST_NAME:
            raise ArchiveError(
                f"image {text!r}: write NAME, NAME:TAG or NAME@sha256:DIGEST, in small letters, such as "
                "registry.local:5000/edge"
            )
        return cls(found["name"], found["tag"] or "", found["digest"] or "")

    def __str__(self) -> str:
        tag, digest = (f":{self.tag}" if self.tag else ""), (f"@{self.digest}" if self.digest else "")
        return f"{self.name}{tag}{digest}"

    @property
    def is_complete(self) -> bool:
        """Whether it says which of the images of this name is meant."""
        return bool(self.tag or self.digest)

    @property
    def has_registry(self) -> bool:
        """Whether it says where it is pushed to; Docker's own registry otherwise."""
        first, slash, _ = self.name.partition("/")
        return bool(slash) and ("." in first or ":" in first or first == "localhost")
