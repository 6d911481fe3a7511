"""One tensor as one frame: a fixed little-endian header, the dimensions, and the codec's payload.

======  =====  ================================================================================
offset  type   field
======  =====  ================================================================================
0       2s     magic ``EG``
2       u8     wire version
3       u8     codec of the payload
4       u8     request: the codec in which the answer is wanted; answer: 0
5       u8     element type
6       u8     rank
7       u8     number of the request modulo 256, the same both ways
8       8s     identity: which head (:func:`head_identity`) or window (:func:`window_identity`) of which
               model, the same both ways
16      u32    request: budget left, µs (0: none); answer: the head's own compute time, µs
20      u32    CRC-32 of everything else in the frame
24      u32[]  dimensions, batch first
======  =====  ================================================================================

A frame that says something of exits (``edgent.core.frame_exits``) has version 2: its dimensions are followed
by the length of that, u16, and that. An edge answers with it only where it was asked with it.

All integers are checked against caps before any memory is taken. There is no pickle, here or anywhere.
"""

import hashlib
import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.frame_exits import LONGEST_SECTION_BYTES, ExitsAsked, ExitsToAsk, read_section
from edgent.errors import FrameError, WireVersionError

WIRE_VERSION = 1
WIRE_VERSION_WITH_EXITS = 2
IDENTITY_BYTES = 8
LARGEST_RANK = 8
LARGEST_TENSOR_BYTES = 64 * 1024 * 1024
LARGEST_OVERHEAD_BYTES = 64 * 1024
"""What a frame and the message around it may have beyond the tensor: header, dimensions, a codec's own."""

_MAGIC = b"EG"
_HEADER = struct.Struct("<2sBBBBBB8sI")
_CRC = struct.Struct("<I")
_SECTION = struct.Struct("<H")
_PREFIX_BYTES = _HEADER.size + _CRC.size
_LARGEST_MICROS = 2**32 - 1

_DTYPES: dict[int, np.dtype] = {
    1: np.dtype(np.uint8),
    2: np.dtype(np.float32),
    3: np.dtype(np.float16),
    4: np.dtype(np.int64),
    5: np.dtype(np.int32),
    6: np.dtype(np.float64),
    7: np.dtype(np.int8),
    8: np.dtype(np.bool_),
    9: np.dtype(np.uint16),
    10: np.dtype(np.int16),
    11: np.dtype(np.uint32),
    12: np.dtype(np.uint64),
}
_DTYPE_NUMBERS = {dtype: number for number, dtype in _DTYPES.items()}


@dataclass(frozen=True)
class Frame:
    """A tensor with what travels beside it."""

    tensor: np.ndarray
    codec: str
    identity: bytes
    answer_codec: str | None = None
    seconds: float = 0.0
    """Request: the budget left (0: none was given). Answer: the head's own compute time."""
    number: int = 0
    """Which request it is, or answers: 0 to 255."""
    exits: ExitsToAsk | ExitsAsked | None = None
    """Request: the exits to ask inside the window. Answer: what became of them."""


def head_identity(model_sha256: str, head: str) -> bytes:
    """The 8 bytes by which a device and a head know that they mean the same head of the same model."""
    return hashlib.sha256(f"{model_sha256}/{head}".encode()).digest()[:IDENTITY_BYTES]


def window_identity(model_sha256: str, first: str, last: str) -> bytes:
    """The 8 bytes that stand for the layers between two tensors of a model, named as its graph names them."""
    return hashlib.sha256(f"{model_sha256}\0{first}\0{last}".encode()).digest()[:IDENTITY_BYTES]


def frame_bytes(rank: int, payload_bytes: int) -> int:
    """How long a frame is."""
    return _PREFIX_BYTES + 4 * rank + payload_bytes


def write_frame(frame: Frame, payload: bytes | None = None) -> bytes:
    """The bytes of a frame.

    Args:
        frame: what travels.
        payload: of its tensor, whose values then do not count; written by the codec when None.

    Raises:
        FrameError: the codec does not take such a tensor, or the frame would be over the caps.
    """
    tensor = frame.tensor
    codec = CODECS[frame.codec]
    dtype_number = _DTYPE_NUMBERS.get(tensor.dtype)
    if dtype_number is None or not codec.supports(tensor.shape, tensor.dtype):
        raise FrameError(f"codec {frame.codec} cannot write a {tensor.dtype} tensor of shape {tensor.shape}")
    _check_size(tensor.shape, tensor.dtype, LARGEST_TENSOR_BYTES)
    header = _HEADER.pack(
        _MAGIC,
        WIRE_VERSION if frame.exits is None else WIRE_VERSION_WITH_EXITS,
        codec.number,
        CODECS[frame.answer_codec].number if frame.answer_codec else 0,
        dtype_number,
        tensor.ndim,
        frame.number,
        frame.identity,
        round(min(max(0.0, frame.seconds) * 1e6, _LARGEST_MICROS)),
    )
    section = b"" if frame.exits is None else frame.exits.to_bytes()
    said = b"" if frame.exits is None else _SECTION.pack(len(section)) + section
    body = struct.pack(f"<{tensor.ndim}I", *tensor.shape) + said
    body += codec.encode(tensor) if payload is None else payload
    return header + _CRC.pack(zlib.crc32(body, zlib.crc32(header))) + body


def read_frame(
    data: bytes | bytearray | memoryview, largest_tensor_bytes: int = LARGEST_TENSOR_BYTES
) -> Frame:
    """The frame in ``data``, all of it.

    Raises:
        WireVersionError: a frame of another version.
        FrameError: anything else that is not right; the message says what.
    """
    view = memoryview(data)
    if len(view) < _PREFIX_BYTES:
        raise FrameError(f"a frame has at least {_PREFIX_BYTES} bytes, this is {len(view)}")
    magic, version, codec_number, answer_number, dtype_number, rank, number, identity, micros = (
        _HEADER.unpack_from(view)
    )
    if magic != _MAGIC:
        raise FrameError(f"not an edgent frame: it begins with {magic!r} instead of {_MAGIC!r}")
    if version not in (WIRE_VERSION, WIRE_VERSION_WITH_EXITS):
        raise WireVersionError(
            f"wire version {version}, but this side speaks {WIRE_VERSION} and {WIRE_VERSION_WITH_EXITS}: "
            "use the same edgent on both"
        )
    body = view[_PREFIX_BYTES:]
    if zlib.crc32(body, zlib.crc32(view[: _HEADER.size])) != _CRC.unpack_from(view, _HEADER.size)[0]:
        raise FrameError("the checksum does not match: the frame was cut short or damaged on its way")
    codec, answer_codec = CODECS.by_number.get(codec_number), CODECS.by_number.get(answer_number)
    dtype = _DTYPES.get(dtype_number)
    if codec is None or (answer_codec is None and answer_number) or dtype is None:
        raise FrameError(f"unknown codec {codec_number} or {answer_number}, or element type {dtype_number}")
    if rank > LARGEST_RANK or len(body) < 4 * rank:
        raise FrameError(f"rank {rank} in a frame of {len(view)} bytes; at most {LARGEST_RANK}")
    shape = struct.unpack_from(f"<{rank}I", body)
    _check_size(shape, dtype, largest_tensor_bytes)
    if not codec.supports(shape, dtype):
        raise FrameError(f"codec {codec.name} cannot hold a {dtype} tensor of shape {shape}")
    exits, at = None, 4 * rank
    if version == WIRE_VERSION_WITH_EXITS:
        exits, at = _read_exits(body, at)
    tensor = codec.decode(body[at:], shape, dtype)
    answer = answer_codec.name if answer_codec else None
    return Frame(tensor, codec.name, identity, answer, micros / 1e6, number, exits)


def _read_exits(body: memoryview, at: int) -> tuple[ExitsToAsk | ExitsAsked, int]:
    """What is said of exits, and where the payload begins.

    Raises:
        FrameError: it is damaged, or over the caps.
    """
    begin = at + _SECTION.size
    length = _SECTION.unpack_from(body, at)[0] if len(body) >= begin else 0
    if length > LONGEST_SECTION_BYTES or len(body) < begin + length:
        raise FrameError(
            f"{length} bytes about exits in a frame with {len(body)} behind its header; "
            f"at most {LONGEST_SECTION_BYTES}"
        )
    return read_section(bytes(body[begin : begin + length])), begin + length


def fits_in_a_frame(
    shape: tuple[int, ...], dtype: np.dtype, largest_tensor_bytes: int = LARGEST_TENSOR_BYTES
) -> bool:
    """Whether a tensor is within the caps, whatever the codec; the batch is part of its shape."""
    return len(shape) <= LARGEST_RANK and _unpacked_bytes(shape, dtype) <= largest_tensor_bytes


def _unpacked_bytes(shape: tuple[int, ...], dtype: np.dtype) -> int:
    # Four bytes an element at least: the float32 and uint8 codecs pass through that on the way. A dimension
    # of 0 makes no room for others: numpy refuses shapes that would be too large without it.
    return math.prod(size or 1 for size in shape) * max(dtype.itemsize, 4)


def _check_size(shape: tuple[int, ...], dtype: np.dtype, largest_tensor_bytes: int) -> None:
    if not fits_in_a_frame(shape, dtype, largest_tensor_bytes):
        raise FrameError(
            f"a tensor of shape {shape} takes {_unpacked_bytes(shape, dtype)} bytes; "
            f"at most {largest_tensor_bytes}"
        )
