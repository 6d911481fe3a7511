"""The activation codecs of 256 and of 16 levels, clipped and not."""

import math
import struct

import numpy as np
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgent.core.codecs import CODECS
from edgent.core.codecs.quantised import QUANTISED, QuantisedCodec
from edgent.core.level_packing import pack_levels
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import FrameError, UnknownNameError

FLOAT32 = np.dtype(np.float32)
UINT8, UINT4 = QuantisedCodec(3, 8), QuantisedCodec(9, 4)
CLIPPED = [codec for codec in QUANTISED if codec.percentile < 100]
BOTH = pytest.mark.parametrize("codec", [UINT8, UINT4], ids=lambda codec: codec.name)


def _relu(seed: int = 0) -> np.ndarray:
    """What a relu leaves of normal numbers: four of five are 0."""
    normal = np.random.default_rng(seed).normal(-1, 1, (1, 64, 16, 16))
    return np.maximum(normal, 0).astype(np.float32)


def _there_and_back(codec: QuantisedCodec, tensor: np.ndarray) -> np.ndarray:
    return codec.decode(memoryview(codec.encode(tensor)), tensor.shape, tensor.dtype)


@pytest.mark.parametrize(("codec", "share"), [(UINT8, 0.4), (UINT4, 0.2)])
def test_sparse_activations_compress(codec: QuantisedCodec, share: float) -> None:
    """After a relu most values are zero: the payload is far below one byte, or half of one, an element."""
    assert len(codec.encode(_relu())) < share * _relu().size


@pytest.mark.parametrize("codec", CLIPPED, ids=lambda codec: codec.name)
@given(
    values=hnp.arrays(
        np.float32,
        st.integers(1, 1500),
        elements=st.floats(-100, 100, width=32) | st.sampled_from([0.0, float(np.float32(1e30))]),
    )
)
def test_what_lies_beyond_the_percentiles_is_clipped(codec: QuantisedCodec, values: np.ndarray) -> None:
    """So many elements at each end as the percentile says; all others are within half a step."""
    ordered = np.sort(values).astype(np.float64)
    beyond = round(values.size * (100 - codec.percentile) / 100)
    low, high = ordered[beyond], ordered[-1 - beyond]
    if low == high:
        low, high = ordered[0], ordered[-1]
    half_a_step = 0.51 * (high - low) / (2**codec.bits - 1)
    slack = 1e-6 * max(abs(low), abs(high)) + np.finfo(np.float32).tiny
    lost = np.abs(_there_and_back(codec, values) - np.clip(values.astype(np.float64), low, high))
    assert lost.max() <= half_a_step + slack


def test_finer_levels_are_what_clipping_buys() -> None:
    """One value far away: without clipping all others fall onto one level of 16."""
    tensor = np.linspace(-1, 1, 10_000, dtype=np.float32)
    tensor[5_000] = 1_000.0
    rest = np.arange(10_000) != 5_000
    assert len(np.unique(_there_and_back(UINT4, tensor)[rest])) == 1
    assert np.abs(_there_and_back(QuantisedCodec(12, 4, 99.99), tensor) - tensor)[rest].max() < 0.07


@pytest.mark.parametrize("codec", CLIPPED, ids=lambda codec: codec.name)
def test_behind_a_relu_zero_stays_zero(codec: QuantisedCodec) -> None:
    """The low end is 0, exactly."""
    tensor = _relu()
    assert np.array_equal(_there_and_back(codec, tensor)[tensor == 0], np.zeros((tensor == 0).sum()))


def test_the_few_values_of_an_empty_map_are_kept() -> None:
    """Where all but a few elements are equal, the percentiles are, too: nothing is clipped."""
    tensor = np.zeros((1, 4000), np.float32)
    tensor[0, :3] = 5.0
    assert np.array_equal(_there_and_back(QuantisedCodec(13, 4, 99.9), tensor), tensor)


def test_a_reader_needs_no_percentile() -> None:
    """Any codec of as many bits reads it."""
    tensor = _relu()
    for codec in CLIPPED:
        plain = UINT8 if codec.bits == 8 else UINT4
        payload = memoryview(codec.encode(tensor))
        read = plain.decode(payload, tensor.shape, FLOAT32)
        assert np.array_equal(read, codec.decode(payload, tensor.shape, FLOAT32))


def test_each_is_asked_for_by_its_number() -> None:
    """The edge has to know where to clip."""
    for codec in QUANTISED:
        asked = read_frame(write_frame(Frame(_relu(), "float32", bytes(8), codec.name)))
        assert asked.answer_codec == codec.name
        assert CODECS[codec.name] is codec


def test_levels_of_a_plain_tensor() -> None:
    """The octets of 3 elements of 4 bits are fixed, and those of 8: other versions read them."""
    scale = struct.pack("<ff", -1.0, np.float32(3 / 15))
    assert UINT4.encode(np.array([-1.0, 2.0, 0.0], np.float32)) == scale + b"\x0f\x50"
    scale = struct.pack("<ff", -1.0, np.float32(3 / 255))
    assert UINT8.encode(np.array([-1.0, 2.0, 0.0], np.float32)) == scale + b"\x00\xff\x55"


@BOTH
def test_a_zstd_frame_without_more_is_read(codec: QuantisedCodec) -> None:
    """So edgent wrote them before it knew DEFLATE."""
    payload = struct.pack("<ff", 1.0, 2.0) + zstd.compress(bytes(100))
    count = 100 * 8 // codec.bits
    assert np.array_equal(codec.decode(memoryview(payload), (count,), FLOAT32), np.ones(count, np.float32))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_something_behind_the_last_element_is_refused(size: int) -> None:
    """Half an octet is left where elements are odd in number; it is 0."""
    payload = struct.pack("<ff", 0.0, 1.0) + b"\x11" * ((size + 1) // 2)
    if size % 2 == 0:
        assert np.array_equal(UINT4.decode(memoryview(payload), (size,), FLOAT32), np.ones(size))
        return
    with pytest.raises(FrameError, match=f"something behind its {size} elements"):
        UINT4.decode(memoryview(payload), (size,), FLOAT32)


@pytest.mark.parametrize("codec", QUANTISED, ids=lambda codec: codec.name)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e37])
def test_values_that_no_scale_holds_are_refused(codec: QuantisedCodec, value: float) -> None:
    """Also where they would be clipped: the sender hears of it."""
    tensor = np.zeros((1, 1000), np.float32)
    tensor[0, 500] = value
    with pytest.raises(FrameError, match=f"cannot be written as {codec.name}"):
        codec.encode(tensor)


@BOTH
@pytest.mark.parametrize(
    ("low", "scale"),
    [(0.0, math.inf), (math.nan, 0.0), (0.0, -1.0), (-math.inf, 1.0), (3e38, 1e37), (0.0, 1e38)],
)
def test_scales_that_leave_the_floats_are_refused(codec: QuantisedCodec, low: float, scale: float) -> None:
    """A stranger's scale cannot bring NaN or infinity into a tail."""
    with pytest.raises(FrameError, match="no range of finite floats"):
        codec.decode(memoryview(struct.pack("<ff", low, scale) + bytes(4)), (1, 4), FLOAT32)


@BOTH
def test_the_octets_of_another_shape_are_refused(codec: QuantisedCodec) -> None:
    """Packed or not."""
    for octets in (b"", bytes(3), pack_levels(bytes(1000))):
        with pytest.raises(FrameError):
            codec.decode(memoryview(bytes(8) + octets), (1, 2500), FLOAT32)


@pytest.mark.parametrize(
    "name", ["uint4@0", "uint4@101", "uint4@99", "uint4@", "uint5", "uint16", "int4", "uint8@99.9.9"]
)
def test_what_looks_like_one_is_told_how_they_are_written(name: str) -> None:
    """With an example."""
    with pytest.raises(UnknownNameError, match=f"no codec '{name}'; write uint8 or uint4.*99.99: uint4@99.9"):
        CODECS[name]
