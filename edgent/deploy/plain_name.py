"""A pipeline's name as Kubernetes, Docker and compose take it: small letters, digits and hyphens."""

from __future__ import annotations

import hashlib

_DIGEST_DIGITS = 8


def plain_name(prefix: str, pipeline: str, longest: int) -> str:
    """A name that begins with a prefix, and that no other pipeline of this prefix has.

    Where the pipeline's own name does not fit, digits of its digest follow what is left of it.

    Args:
        prefix: small letters and hyphens.
        pipeline: its name: a letter, then letters, digits, hyphens and underscores.
        longest: characters that the whole may have.
    """
    plain = prefix + pipeline.lower().replace("_", "-").rstrip("-")
    if plain == prefix + pipeline and len(plain) <= longest:
        return plain
    digest = hashlib.sha256(pipeline.encode()).hexdigest()[:_DIGEST_DIGITS]
    return f"{plain[: longest - _DIGEST_DIGITS - 1].rstrip('-')}-{digest}"
