"""A photo's own file: the device neither decodes nor encodes, and the edge makes the very same pixels."""

import numpy as np

from edgent.core.codecs.codec import INPUT
from edgent.core.photo import FORMATS, LARGEST_FILE_BYTES, Photo, why_not_read
from edgent.core.picture import picture_from_bytes
from edgent.core.preprocessing import CHANNELS, DTYPES, read_preprocessing
from edgent.errors import FrameError, InputError


class FileCodec:
    """How the picture becomes an input, then the file's bytes."""

    name = "file"
    number = 17
    carries = (INPUT,)
    lossless = True

    def supports(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """One picture of 1, 3 or 4 channels, of bytes or floats."""
        is_one = len(shape) == 4 and shape[0] == 1 and min(shape) > 0
        return is_one and dtype.name in DTYPES and (shape[1] in CHANNELS or shape[3] in CHANNELS)

    def encode(self, tensor: np.ndarray | Photo) -> bytes:
        """The file's bytes, behind how its picture becomes an input.

        Raises:
            FrameError: these are pixels, of which there is no file, or the edge would not read the file.
        """
        if not isinstance(tensor, Photo):
            raise FrameError("the codec file sends a photo's own file, and pixels have none")
        if tensor.kept_here is not None:
            raise FrameError(f"the codec file cannot send this photo: {tensor.kept_here}")
        return tensor.preprocessing.to_bytes() + tensor.content

    def decode(self, payload: memoryview, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """The input, exactly as the device would have made it; its size is looked at before it is decoded."""
        if not self.supports(shape, dtype):
            raise FrameError(f"file holds one picture, not a {dtype} tensor of shape {shape}")
        preprocessing, content = read_preprocessing(payload, shape, dtype)
        if len(content) > LARGEST_FILE_BYTES:
            raise FrameError(f"a photo's file of {len(content)} bytes; at most {LARGEST_FILE_BYTES}")
        file = bytes(content)
        reason = why_not_read(file, preprocessing)
        if reason is not None:
            raise FrameError(reason)
        try:
            picture = picture_from_bytes(file, preprocessing, "the network", FORMATS)
        except InputError as error:
            raise FrameError(str(error)) from None
        return picture[np.newaxis]
