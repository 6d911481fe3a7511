"""Which files a model's tensors lie in, read from its bytes without ``onnx``, which is slow to import.

An ONNX file is in protobuf's wire format: a message is a sequence of fields, each a tag, which holds the
field's number and kind, and a value, which may be a message in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5  # kinds of fields
_LONGEST_VARINT = 10
_PARTS = {  # of onnx.proto: the messages inside each, by the field's number
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse tensor",
        23: "sparse tensor",
    },
    "sparse tensor": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION, _EXTERNAL = 13, 14, 1
_KEY, _VALUE = 1, 2


def locations(model: bytes) -> set[str]:
    """The files that a model's tensors lie in, as the model names them.

    Raises:
        ValueError: it is no ONNX file, or one that is written as no exporter writes it.
    """
    return {str(value, "utf-8", "replace") for key, value in _entries(model) if key == b"location"}


def external_bytes(model: bytes) -> int:
    """How many bytes of those files a model's tensors are.

    Raises:
        ValueError: as above, or a length is no number.
    """
    return sum(int(bytes(value)) for key, value in _entries(model) if key == b"length")


def _entries(model: bytes) -> Iterator[tuple[memoryview | bytes, memoryview | bytes]]:
    """Keys and values of what all tensors outside say of where they lie."""
    pending = [(memoryview(model), "model")]
    while pending:
        message, kind = pending.pop()
        if kind == "tensor":
            yield from _of_tensor(message)
        else:
            parts = _PARTS[kind]
            pending += [(value, parts[number]) for number, value in _messages(message) if number in parts]


def _of_tensor(message: memoryview) -> Iterator[tuple[memoryview | bytes, memoryview | bytes]]:
    if dict(_fields(message)).get(_DATA_LOCATION) != _EXTERNAL:
        return
    for number, value in _messages(message):
        if number == _EXTERNAL_DATA:
            entry = dict(_messages(value))
            yield entry.get(_KEY, b""), entry.get(_VALUE, b"")


def _messages(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields that have a size: messages, text, bytes."""
    for number, value in _fields(message):
        if isinstance(value, memoryview):
            yield number, value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Numbers and values of all fields but those of a fixed width."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if not number:  # as in a file of zeros
            raise ValueError("no message of protobuf's wire format")
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind)
        if kind == _SIZED:
            size, at = _varint(message, at)
        if size is None or at + size > len(message):
            raise ValueError("no message of protobuf's wire format")
        if kind == _SIZED:
            yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number and where it ends: seven bits a byte, the lowest first, the last without the eighth bit."""
    if at < len(message) and message[at] < 0x80:  # as most are
        return message[at], at + 1
    number = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number, at + place + 1
    raise ValueError("no message of protobuf's wire format")
