"""Bytes as they are, or zstd of them where that is less: their number, which both sides know, tells which."""

import zstandard

from edgent.errors import FrameError

_LEVEL = 3
_WORTH_COMPRESSING_BYTES = 300  # below, zstd's own header eats the gain


def pack(plain: bytes) -> bytes:
    """What travels in place of some bytes; no longer than these."""
    if len(plain) < _WORTH_COMPRESSING_BYTES:
        return plain
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(plain)
    return packed if len(packed) < len(plain) else plain


def unpack(packed: memoryview, count: int, codec: str) -> bytes | memoryview:
    """The bytes that ``pack`` was given.

    Args:
        packed: what travelled, from a stranger.
        count: how many bytes there were.
        codec: whose payload it is, for messages.

    Raises:
        FrameError: it holds another number of bytes, or none at all.
    """
    plain: bytes | memoryview = packed
    if len(packed) != count:
        try:
            if zstandard.frame_content_size(packed) != count:
                raise FrameError(f"a {codec} payload that does not hold {count} elements")
            plain = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise FrameError(f"a {codec} payload that is no zstd: {error}") from None
    if len(plain) != count:
        raise FrameError(f"a {codec} payload that holds {len(plain)} elements instead of {count}")
    return plain
