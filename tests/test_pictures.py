"""Pictures of any size, format and orientation as inputs: the right pixels in the right place."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from edgent.errors import InputError, SpecError
from edgent.inputs import given_inputs, read_inputs, to_tensor
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from pathlib import Path

RANDOM = np.random.default_rng(3)
IMAGENET = {"mean": (123.675, 116.28, 103.53), "scale": (58.395, 57.12, 57.375)}


def _spec(shape: tuple[int, ...] = (3, 8, 8), dtype: str = "uint8", **keys: Any) -> Pipeline:
    return Pipeline.model_validate(
        {
            "version": 1,
            "name": "tiny",
            "model": {"file": "network.onnx"},
            "input": {"shape": shape, "dtype": dtype, "labels": ("a", "b"), **keys},
            "exits": ({"name": "exit1"},),
        }
    )


def _photo(width: int, height: int) -> Image.Image:
    return Image.fromarray(RANDOM.integers(0, 256, (height, width, 3), np.uint8))


def _bytes(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def test_pillows_own_limit_is_not_warned_of(tmp_path: Path) -> None:
    """In another Python, without a test's filters: edgent's limit decides, whoever imports it."""
    content = bytearray(_bytes(_photo(1, 1), "BMP"))
    content[18:26] = struct.pack("<2i", 12_000, 9_000)
    (tmp_path / "large.bmp").write_bytes(content)
    opened = "import edgent.core.picture; from PIL import Image; Image.open('large.bmp')"
    python = [sys.executable, "-c", opened]
    done = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("size", [(227, 227), (640, 480), (31, 999), (8, 8), (3, 5)])
@pytest.mark.parametrize("resize", ["cover", "contain", "stretch"])
def test_photos_of_any_size_become_inputs(size: tuple[int, int], resize: str) -> None:
    """Larger, smaller, long and narrow: all have the network's shape."""
    taken = to_tensor(_photo(*size), _spec(preprocessing={"resize": resize}))
    assert (taken.shape, taken.dtype) == ((1, 3, 8, 8), np.uint8)


def test_cover_takes_the_middle_of_the_shorter_side_at_its_size() -> None:
    """A photo of 20x10 pixels becomes 16x8, and its middle 8 columns are taken: as torchvision does it."""
    photo = _photo(20, 10)
    taken = to_tensor(photo, _spec(preprocessing={}))
    wanted = np.asarray(photo.resize((16, 8), Image.Resampling.BILINEAR).crop((4, 0, 12, 8)))
    np.testing.assert_array_equal(taken[0], wanted.transpose(2, 0, 1))


def test_a_larger_size_is_cropped() -> None:
    """Resize to 10 on the shorter side, then the middle 8x8: torchvision's Resize(10), CenterCrop(8)."""
    photo = _photo(30, 20)
    taken = to_tensor(photo, _spec(preprocessing={"size": 10, "resample": "bicubic"}))
    wanted = np.asarray(photo.resize((15, 10), Image.Resampling.BICUBIC).crop((4, 1, 12, 9)))
    np.testing.assert_array_equal(taken[0], wanted.transpose(2, 0, 1))


@pytest.mark.parametrize("size", [(30_000, 1), (1, 60_000), (2_000, 9)])
@pytest.mark.parametrize("resample", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_of_a_long_photo_only_the_middle_is_resized(
    size: tuple[int, int], resample: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole it would be up to gigabytes of pixels; the middle of a shade from black to white is grey."""
    levels = np.linspace(0, 255, max(size)).astype(np.uint8)
    along = levels if size[0] > size[1] else levels[:, np.newaxis]
    photo = Image.fromarray(np.broadcast_to(along, size[::-1]).copy())
    resize, made = Image.Image.resize, []

    def watched(self: Image.Image, to: tuple[int, int], *options: Any, **more: Any) -> Image.Image:
        made.append(to)
        return resize(self, to, *options, **more)

    monkeypatch.setattr(Image.Image, "resize", watched)
    taken = to_tensor(photo, _spec((1, 64, 64), preprocessing={"resample": resample}))
    assert made == [(64, 64)]
    assert np.abs(taken.astype(int) - 127).max() <= 1


def test_the_middle_of_a_long_photo_is_that_of_the_whole_one() -> None:
    """A hundred times as long as wide, where the whole one can still be made."""
    photo = _photo(1700, 17)
    taken = to_tensor(photo, _spec(preprocessing={}))
    wanted = np.asarray(photo.resize((800, 8), Image.Resampling.BILINEAR).crop((396, 0, 404, 8)))
    np.testing.assert_allclose(taken[0].astype(int), wanted.transpose(2, 0, 1).astype(int), atol=1)


def test_a_long_photo_that_must_not_be_cropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is resized."""
    monkeypatch.delattr(Image.Image, "resize")
    with pytest.raises(InputError, match=r"240000x8 pixels; .*crop: false"):
        to_tensor(_photo(30_000, 1), _spec(preprocessing={"crop": False}))


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "it is empty"), (b"no picture", "it is of no known format, or damaged")]
)
def test_what_is_no_picture(content: bytes, words: str) -> None:
    """A sentence about the file, not about the program's insides."""
    with pytest.raises(InputError, match=f"^no readable image: {words}$"):
        to_tensor(content, _spec())


def test_contain_keeps_all_of_the_photo_and_pads_the_rest() -> None:
    """A photo of 16x8 pixels becomes 8x4 in the middle, with grey above and below."""
    photo = _photo(16, 8)
    taken = to_tensor(photo, _spec(preprocessing={"resize": "contain", "pad": 114}))[0]
    wanted = np.asarray(photo.resize((8, 4), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    np.testing.assert_array_equal(taken[:, 2:6], wanted)
    assert (taken[:, [0, 1, 6, 7]] == 114).all()


def test_stretch_ignores_the_sides() -> None:
    """All of the photo, in whatever shape."""
    photo = _photo(20, 10)
    taken = to_tensor(photo, _spec(preprocessing={"resize": "stretch", "resample": "nearest"}))
    wanted = np.asarray(photo.resize((8, 8), Image.Resampling.NEAREST))
    np.testing.assert_array_equal(taken[0], wanted.transpose(2, 0, 1))


def test_without_resizing_the_middle_is_cut_out() -> None:
    """Pixels stay as they are; a photo that is too small is refused, without crop one too large as well."""
    photo = _photo(10, 12)
    taken = to_tensor(photo, _spec(preprocessing={"resize": "none"}))
    np.testing.assert_array_equal(taken[0], np.asarray(photo)[2:10, 1:9].transpose(2, 0, 1))
    with pytest.raises(InputError, match=r"7x8 pixels; tiny takes 8x8, and .*resize: none"):
        to_tensor(_photo(7, 8), _spec(preprocessing={"resize": "none"}))
    with pytest.raises(InputError, match="crop: false"):
        to_tensor(photo, _spec(preprocessing={"resize": "none", "crop": False}))


def test_without_preprocessing_another_size_is_refused_with_what_to_write() -> None:
    """The spec says how; nothing is resized behind anybody's back."""
    with pytest.raises(InputError, match=r"9x8 pixels; tiny takes 8x8: .*input.preprocessing.*resize: cover"):
        to_tensor(_photo(9, 8), _spec())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation: int) -> None:
    """However the camera was held, the picture is upright; also without preprocessing."""
    upright = Image.fromarray(np.kron(RANDOM.integers(0, 256, (2, 3), np.uint8), np.ones((4, 4), np.uint8)))
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = upright if orientation == 1 else upright.transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    taken = to_tensor(_bytes(held, exif=exif.tobytes()), _spec((1, 8, 12)))
    np.testing.assert_array_equal(taken[0, 0], np.asarray(upright))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float16", 2e-3), ("float64", 1e-6)])
def test_a_float_network_takes_photos_by_mean_and_scale(dtype: str, tolerance: float) -> None:
    """(pixel - mean) / scale in pixels of 0 to 255, a number for each channel."""
    photo = _photo(8, 8)
    taken = to_tensor(photo, _spec(dtype=dtype, preprocessing=IMAGENET))
    assert taken.dtype == dtype
    mean, scale = np.array(IMAGENET["mean"]), np.array(IMAGENET["scale"])
    wanted = ((np.asarray(photo) - mean) / scale).transpose(2, 0, 1)
    np.testing.assert_allclose(taken[0], wanted, rtol=tolerance, atol=tolerance)


def test_colours_can_be_reversed() -> None:
    """BGR swaps the outer channels; mean and scale follow the network's order."""
    photo = _photo(8, 8)
    taken = to_tensor(
        photo, _spec(dtype="float32", preprocessing={"colour_order": "BGR", "mean": (1.0, 2.0, 3.0)})
    )
    wanted = np.asarray(photo).astype(np.float32)[:, :, ::-1] - np.array([1, 2, 3], np.float32)
    np.testing.assert_array_equal(taken[0], wanted.transpose(2, 0, 1))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_last(channels: int) -> None:
    """The layout of networks out of TensorFlow: height, width, channels."""
    photo = _photo(12, 8)
    taken = to_tensor(photo, _spec((8, 12, channels), layout="HWC"))
    wanted = np.asarray(photo.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels])).reshape(8, 12, channels)
    np.testing.assert_array_equal(taken[0], wanted)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled(kind: str) -> None:
    """64 levels stay 64 levels; clipped at 255 they would be two."""
    levels = (np.arange(64, dtype=np.uint16) * 1040).reshape(8, 8)
    taken = to_tensor(_bytes(Image.fromarray(levels), kind), _spec((1, 8, 8)))
    np.testing.assert_array_equal(taken[0, 0], np.rint(levels / 257))
    assert len(np.unique(taken)) == 64


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_grey_of_an_unknown_range_is_refused(dtype: type) -> None:
    """32 bits say nothing about what is white."""
    content = _bytes(Image.fromarray(np.zeros((8, 8), dtype)), "TIFF")
    with pytest.raises(InputError, match=r"32-bit grey pixels .* range is not known"):
        to_tensor(content, _spec((1, 8, 8)))


def test_a_photo_can_be_given_in_every_form(tmp_path: Path) -> None:
    """A path, its text, the file's bytes, a Pillow image, an array: the same input."""
    photo = _photo(8, 8)
    photo.save(tmp_path / "one.png")
    np.save(tmp_path / "one.npy", np.asarray(photo).transpose(2, 0, 1))
    file = tmp_path / "one.png"
    given = [file, str(file), file.read_bytes(), photo, np.asarray(photo).transpose(2, 0, 1)]
    for form in (*given, tmp_path / "one.npy", np.asarray(photo).transpose(2, 0, 1).tolist()):
        if isinstance(form, list):
            with pytest.raises(InputError, match="element type int64; tiny takes uint8"):
                to_tensor(form, _spec())
            continue
        np.testing.assert_array_equal(to_tensor(form, _spec())[0], given[-1])


def test_a_file_of_several_inputs_is_not_one(tmp_path: Path) -> None:
    """Which of them is meant, nobody can know."""
    np.save(tmp_path / "two.npy", np.zeros((2, 3, 8, 8), np.uint8))
    with pytest.raises(InputError, match="holds several inputs"):
        to_tensor(tmp_path / "two.npy", _spec())


@pytest.mark.parametrize(
    ("name", "words"), [("gone.png", "No such file"), ("broken.png", "no readable image")]
)
def test_a_path_that_holds_no_picture_is_named(tmp_path: Path, name: str, words: str) -> None:
    """The message of `infer` says which file it was."""
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=f"{name}: .*{words}"):
        to_tensor(tmp_path / name, _spec())


def test_archives_of_arrays_are_read(tmp_path: Path) -> None:
    """Every array of an .npz, under its name; token numbers are int64."""
    tokens = np.arange(128).reshape(2, 64)
    np.savez(tmp_path / "text.npz", first=tokens[0], both=tokens)
    items = list(read_inputs(tmp_path / "text.npz", _spec((64,), "int64")))
    assert [item.name for item in items] == ["text.npz:first", "text.npz:both[0]", "text.npz:both[1]"]
    for item, row in zip(items, (0, 0, 1), strict=True):
        assert item.tensor is not None
        np.testing.assert_array_equal(item.tensor[0], tokens[row])


def test_a_folder_names_a_label_only_within_the_folder_that_is_given(tmp_path: Path) -> None:
    """A file that is given by itself has no label, whatever the folder around it is called."""
    (tmp_path / "a").mkdir()
    np.save(tmp_path / "a" / "one.npy", np.zeros((3, 8, 8), np.uint8))
    [by_folder] = given_inputs(tmp_path, _spec())
    [by_itself] = given_inputs(tmp_path / "a" / "one.npy", _spec())
    assert (by_folder.expected, by_itself.expected) == ("a", None)


def test_a_label_that_is_there_twice_is_one_folder(tmp_path: Path) -> None:
    """ImageNet has two cranes; their photos are read once."""
    (tmp_path / "crane").mkdir()
    _photo(8, 8).save(tmp_path / "crane" / "one.png")
    items = list(given_inputs(tmp_path, _spec(labels=("crane", "dog", "crane"))))
    assert [item.expected for item in items] == ["crane"]


def test_a_subfolder_that_is_no_label_is_said(tmp_path: Path) -> None:
    """Its photos are left out, and not in silence."""
    for name in ("a", "cats"):
        (tmp_path / name).mkdir()
        _photo(8, 8).save(tmp_path / name / "one.png")
    known, unknown = given_inputs(tmp_path, _spec())
    assert known.error is None
    assert (unknown.name, unknown.content) == ("cats", None)
    assert "tiny has no such label" in (unknown.error or "")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("shape: [5, 8, 8], preprocessing: {}", "input.preprocessing: it makes pictures"),
        ("shape: [3, 8, 8], dtype: int64, preprocessing: {}", "input.preprocessing: it makes pictures"),
        ("shape: [3, 8, 8], preprocessing: {size: 7}", "input.preprocessing.size: 7x7"),
        ("shape: [3, 8, 8], preprocessing: {size: 9, crop: false}", "input.preprocessing.size: 9x9"),
        ("shape: [3, 8, 8], preprocessing: {resize: none, size: 9}", "no meaning with resize: none"),
        ("shape: [1, 8, 8], preprocessing: {colour_order: BGR}", "colour_order: BGR orders 3 channels"),
        ("shape: [3, 8, 8], preprocessing: {mean: 1}", "preprocessing.mean: it makes floats"),
        ("shape: [3, 8, 8], dtype: float32, preprocessing: {scale: [1, 2]}", "scale: 2 numbers for 3"),
        ("shape: [3, 8, 8], dtype: float32, preprocessing: {mean: 0.485}", "multiply it by 255"),
        ("shape: [3, 8, 8], dtype: float32, preprocessing: {scale: 0.0039}", "preprocessing.scale"),
        ("shape: [3, 8, 8], preprocessing: {resise: cover}", "did you mean resize?"),
    ],
)
def test_a_preprocessing_that_leads_nowhere_is_refused(tmp_path: Path, keys: str, words: str) -> None:
    """In the spec, with its key and line."""
    spec = tmp_path / "tiny.yaml"
    spec.write_text(
        "version: 1\nname: tiny\nmodel: {file: network.onnx}\n"
        f"input: {{{keys}, labels: [a, b]}}\nexits: [{{name: exit1}}]\n"
    )
    with pytest.raises(SpecError, match=r"tiny.yaml:4: ") as refused:
        read_spec(spec)
    assert words in str(refused.value)
