"""Levels of an activation as bytes: as they are, as zstd's frame or as DEFLATE's stream, whichever is least.

zstd is quickest, and least where maps have patterns: after the first layers. DEFLATE (RFC 1951) has hardly
any header. Told to look for nothing it comes nearest to the entropy; told to look for runs it is least where
a relu left whole maps empty: a tenth less than zstd (docs/laboratory/codecs.md). It is slow: only small
tensors try it.
"""

import sys
import zlib

import numpy as np

from edgent.core.code_packing import RAW_DEFLATE, unpack_code
from edgent.errors import FrameError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST_DEFLATED_BYTES = 16 * 1024
"""Beyond, zstd only: DEFLATE takes 40 to 100 µs for this much, twice."""
FRAME_HEADER = b"\x28\xb5\x2f\xfd"
"""How every zstd frame begins (RFC 8878)."""
_ZSTD_LEVEL = 3
_STRATEGIES = (zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE)


def pack_levels(octets: bytes) -> bytes:
    """The payload of octets that hold levels: never longer than they are."""
    packed = [octets, zstd.compress(octets, _ZSTD_LEVEL)]
    if len(octets) <= LARGEST_DEFLATED_BYTES:
        packed += [_deflated(octets, strategy) for strategy in _STRATEGIES]
    return min(packed, key=len)


def unpack_levels(payload: memoryview, count: int) -> np.ndarray:
    """The octets of a payload; never more memory is taken than for so many.

    A DEFLATE stream never begins as zstd's frames do: that would be a stored block whose two lengths differ.

    Args:
        payload: from a stranger.
        count: how many octets there are.

    Returns:
        uint8, shape (count,), read-only.

    Raises:
        FrameError: the payload does not hold so many octets.
    """
    if len(payload) == count or bytes(payload[:4]) != FRAME_HEADER:
        return unpack_code(payload, (count,))
    stream = zstd.ZstdDecompressor()
    try:
        if zstd.get_frame_info(payload).decompressed_size != count:
            raise FrameError(f"a zstd frame that does not hold {count} octets")
        plain = stream.decompress(payload, max_length=count + 1)
    except zstd.ZstdError as error:
        raise FrameError(f"a payload that is no zstd frame: {error}") from None
    if len(plain) != count or not stream.eof or stream.unused_data:
        raise FrameError(f"a payload that is not one zstd frame of {count} octets")
    return np.frombuffer(plain, np.uint8)


def _deflated(octets: bytes, strategy: int) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE, 9, strategy)
    return stream.compress(octets) + stream.flush()
