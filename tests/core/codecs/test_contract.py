"""One behavioural contract for every codec."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgent.core.codecs import CODECS
from edgent.core.codecs.avif_rung import is_there
from edgent.core.codecs.codec import ACTIVATION, CODE, INPUT, Codec
from edgent.core.codecs.file import FileCodec
from edgent.errors import FrameError
from tests.photo_files import photo_of

DTYPES = [np.uint8, np.float32, np.float16, np.int64, np.int32, np.float64, np.int8, np.bool_]
RUNGS = ("jpeg30", "jpeg10@0.5", "webp50", "webp5@0.35", "avif20", "avif30@0.7")
NAMES = [name for name in (*CODECS, *RUNGS) if is_there() or not name.startswith("avif")]
HIGHEST_LEVEL = {"uint8": 255, "uint4": 15}
SHAPES = st.one_of(
    hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=9),
    st.tuples(st.just(1), st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)),
)


def written(codec: Codec, tensor: np.ndarray) -> tuple[bytes, np.ndarray]:
    """A payload, and what it is of: a picture file whose pixels the tensor is, where only files are sent."""
    if not isinstance(codec, FileCodec):
        return codec.encode(tensor), tensor
    photo = photo_of(tensor)
    return codec.encode(photo), photo.tensor


@st.composite
def tensors(draw: st.DrawFn, codec: Codec) -> np.ndarray:
    """Any tensor that the codec says it supports, with finite values."""
    shape = draw(SHAPES)
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    if not codec.supports(shape, dtype):
        shape = (1, draw(st.sampled_from([1, 3])), draw(st.integers(1, 40)), draw(st.integers(1, 40)))
        dtype = next(np.dtype(dtype) for dtype in DTYPES if codec.supports(shape, np.dtype(dtype)))
    elements = None
    if dtype.kind == "f":
        elements = hnp.from_dtype(dtype, allow_nan=False, allow_infinity=False)
    return draw(hnp.arrays(dtype, shape, elements=elements))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_round_trip_keeps_shape_and_type_and_what_it_promises(name: str, data: st.DataObject) -> None:
    """Shape and element type come back always; values exactly, or near from a lossy one."""
    codec = CODECS[name]
    drawn = data.draw(tensors(codec))
    tensor = drawn
    try:
        payload, tensor = written(codec, tensor)
    except FrameError:
        assert not codec.lossless
        assert float(np.abs(tensor).max()) > 1e37
        return
    decoded = codec.decode(memoryview(payload), tensor.shape, tensor.dtype)
    assert decoded.shape == tensor.shape
    assert decoded.dtype == tensor.dtype
    if codec.lossless:
        np.testing.assert_array_equal(decoded, tensor)
    elif name in HIGHEST_LEVEL and tensor.size:
        spread = float(tensor.max()) - float(tensor.min())
        slack = 1e-6 * float(np.abs(tensor).max()) + np.finfo(np.float32).tiny
        step = spread / HIGHEST_LEVEL[name]
        assert np.abs(decoded.astype(np.float64) - tensor).max() <= step * 0.51 + slack
    assert written(codec, drawn)[0] == payload


@pytest.mark.parametrize("name", NAMES)
@given(payload=st.binary(max_size=2000), data=st.data())
def test_garbage_is_refused_or_decodes_to_the_shape(name: str, payload: bytes, data: st.DataObject) -> None:
    """Bytes from a stranger give a tensor of the shape asked for, or a FrameError: nothing else."""
    codec = CODECS[name]
    shape = data.draw(SHAPES)
    dtype = np.dtype(data.draw(st.sampled_from(DTYPES)))
    if not codec.supports(shape, dtype):
        return
    try:
        decoded = codec.decode(memoryview(payload), shape, dtype)
    except FrameError:
        return
    assert decoded.shape == shape
    assert decoded.dtype == dtype


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_payload_never_grows(name: str) -> None:
    """Every payload cut short or extended is refused, or still has the shape asked for."""
    codec = CODECS[name]
    dtype = np.dtype(np.float32 if name.startswith("uint") else np.uint8)
    tensor = np.arange(3 * 16 * 16).reshape(1, 3, 16, 16).astype(dtype)
    payload, tensor = written(codec, tensor)
    for damaged in [payload[:length] for length in range(len(payload))] + [payload + b"x" * 9]:
        with contextlib.suppress(FrameError):
            assert codec.decode(memoryview(damaged), tensor.shape, dtype).shape == tensor.shape


@pytest.mark.parametrize("name", NAMES)
def test_a_codec_is_known_by_name_and_number_and_carries_something(name: str) -> None:
    """A number on the wire means one codec, and a spec may offer it somewhere."""
    assert CODECS[name].name == name
    assert isinstance(CODECS[name], type(CODECS.by_number[CODECS[name].number]))
    assert {*CODECS[name].carries} <= {INPUT, ACTIVATION, CODE}
    assert CODECS[name].carries
