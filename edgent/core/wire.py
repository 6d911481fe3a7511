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
by the length of that, u16, and that. One that says something of time (``edgent.core.frame_times``) has
version 3: its dimensions are followed by that, then by exits as in version 2, of length 0 where nothing is
said of them. An edge answers in the version in which it was asked.

All integers are checked against caps before any memory is taken. There is no pickle, here or anywhere.
"""

import hashlib
import math
import struct
import zlib
from dataclasses import dataclass, replace

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import Codec
from edgent.core.frame_exits import LONGEST_SECTION_BYTES, ExitsAsked, ExitsToAsk, read_section
from edgent.core.frame_times import read_times, write_times
from edgent.core.stay import SentAt, Stay
from edgent.errors import FrameError, PluginError, WireVersionError

WIRE_VERSION = 1
WIRE_VERSION_WITH_EXITS = 2
WIRE_VERSION_WITH_TIMES = 3
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
_VERSIONS = (WIRE_VERSION, WIRE_VERSION_WITH_EXITS, WIRE_VERSION_WITH_TIMES)
_SPOKEN = f"{', '.join(map(str, _VERSIONS[:-1]))} and {_VERSIONS[-1]}"
_NO_TENSOR = np.zeros(0, np.uint8)

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
    times: SentAt | Stay | None = None
    """Request: when it was sent. Answer: how long it stayed. None: nothing is said of time."""

    @property
    def wire_version(self) -> int:
        """The lowest version that says all of it."""
        if self.times is not None:
            return WIRE_VERSION_WITH_TIMES
        return WIRE_VERSION if self.exits is None else WIRE_VERSION_WITH_EXITS


@dataclass(frozen=True)
class SealedFrame:
    """A frame whose checksum is right and whose payload was not decoded yet.

    Attributes:
        codec: reads the payload.
        shape, dtype: of its tensor.
        frame: all else of it, around an empty tensor.
        payload: the codec's bytes.
    """

    codec: Codec
    shape: tuple[int, ...]
    dtype: np.dtype
    frame: Frame
    payload: memoryview

    @property
    def holds_something(self) -> bool:
        """Whether its tensor has elements; one without asks whether the window is ready."""
        return all(self.shape)

    def open(self) -> Frame:
        """The frame with its tensor.

        Raises:
            FrameError: the payload is damaged, or holds another tensor.
            PluginError: the codec of another package does not give such a tensor.
        """
        tensor = self.codec.decode(self.payload, self.shape, self.dtype)
        if not isinstance(tensor, np.ndarray) or (tensor.shape, tensor.dtype) != (self.shape, self.dtype):
            given = f"{tensor.dtype} {tensor.shape}" if isinstance(tensor, np.ndarray) else repr(tensor)[:60]
            raise PluginError(
                f"codec {self.codec.name!r} reads {given} where {self.dtype} {self.shape} was written; "
                "mend its `decode`"
            )
        return replace(self.frame, tensor=tensor)


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
        PluginError: the codec of another package does not write bytes.
    """
    tensor = frame.tensor
    codec = CODECS[frame.codec]
    dtype_number = _DTYPE_NUMBERS.get(tensor.dtype)
    if dtype_number is None or not codec.supports(tensor.shape, tensor.dtype):
        raise FrameError(f"codec {frame.codec} cannot write a {tensor.dtype} tensor of shape {tensor.shape}")
    _check_size(tensor.shape, tensor.dtype, LARGEST_TENSOR_BYTES)
    header = _HEADER.pack(
        _MAGIC,
        frame.wire_version,
        codec.number,
        CODECS[frame.answer_codec].number if frame.answer_codec else 0,
        dtype_number,
        tensor.ndim,
        frame.number,
        frame.identity,
        round(min(max(0.0, frame.seconds) * 1e6, _LARGEST_MICROS)),
    )
    body = struct.pack(f"<{tensor.ndim}I", *tensor.shape) + _said(frame)
    payload = codec.encode(tensor) if payload is None else payload
    if not isinstance(payload, (bytes, bytearray, memoryview)):
        raise PluginError(
            f"codec {codec.name!r} writes {type(payload).__name__}, not bytes; mend its `encode`"
        )
    body += payload
    return header + _CRC.pack(zlib.crc32(body, zlib.crc32(header))) + body


def without_times(data: bytes) -> bytes:
    """A sound frame of version 3 with nothing said of time, for those who speak earlier versions only."""
    at = _PREFIX_BYTES + 4 * _HEADER.unpack_from(data)[5]
    rest = data[at + read_times(data[at:])[1] :]
    has_exits = _SECTION.unpack_from(rest)[0] > 0
    version = WIRE_VERSION_WITH_EXITS if has_exits else WIRE_VERSION
    header = data[:2] + bytes([version]) + data[3 : _HEADER.size]
    body = data[_PREFIX_BYTES:at] + (rest if has_exits else rest[_SECTION.size :])
    return header + _CRC.pack(zlib.crc32(body, zlib.crc32(header))) + body


def _said(frame: Frame) -> bytes:
    """What lies between a frame's dimensions and its payload."""
    if frame.wire_version == WIRE_VERSION:
        return b""
    exits = b"" if frame.exits is None else frame.exits.to_bytes()
    times = b"" if frame.times is None else write_times(frame.times)
    return times + _SECTION.pack(len(exits)) + exits


def read_frame(
    data: bytes | bytearray | memoryview, largest_tensor_bytes: int = LARGEST_TENSOR_BYTES
) -> Frame:
    """The frame in ``data``, all of it.

    Raises:
        WireVersionError: a frame of another version.
        FrameError: anything else that is not right; the message says what.
    """
    return read_sealed(data, largest_tensor_bytes).open()


def read_sealed(
    data: bytes | bytearray | memoryview, largest_tensor_bytes: int = LARGEST_TENSOR_BYTES
) -> SealedFrame:
    """The frame in ``data`` but for its tensor, which takes the longest to read.

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
    if version not in _VERSIONS:
        raise WireVersionError(
            f"wire version {version}, but this side speaks {_SPOKEN}: use the same edgent on both"
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
    exits, times, at = _read_said(body, 4 * rank, version)
    answer, seconds = answer_codec.name if answer_codec else None, micros / 1e6
    frame = Frame(_NO_TENSOR, codec.name, identity, answer, seconds, number, exits, times)
    return SealedFrame(codec, shape, dtype, frame, body[at:])


def _read_said(
    body: memoryview, at: int, version: int
) -> tuple[ExitsToAsk | ExitsAsked | None, SentAt | Stay | None, int]:
    """What is said of exits and of time behind the dimensions, and where the payload begins.

    Raises:
        FrameError: it is damaged, or over the caps.
    """
    if version == WIRE_VERSION:
        return None, None, at
    times = None
    if version == WIRE_VERSION_WITH_TIMES:
        times, times_bytes = read_times(body[at:])
        at += times_bytes
    begin = at + _SECTION.size
    length = _SECTION.unpack_from(body, at)[0] if len(body) >= begin else 0
    if length > LONGEST_SECTION_BYTES or len(body) < begin + length:
        raise FrameError(
            f"{length} bytes about exits in a frame with {len(body)} behind its header; "
            f"at most {LONGEST_SECTION_BYTES}"
        )
    if times is not None and not length:
        return None, times, begin
    return read_section(bytes(body[begin : begin + length])), times, begin + length


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
