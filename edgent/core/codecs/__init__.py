"""How a tensor is written on the wire: one codec per file, one contract for all.

A codec turns a tensor into payload bytes and back. The frame around it (``edgent.core.wire``) carries the
tensor's shape and element type, so a payload holds values only. Another package adds a codec by an entry
point of the group ``edgent.codecs``, a program by ``CODECS.add``.
"""

from edgent.core.codecs.codec_registry import CodecRegistry
from edgent.core.codecs.file import FileCodec
from edgent.core.codecs.float32 import Float32Codec
from edgent.core.codecs.huffman import HuffmanCodec
from edgent.core.codecs.jpeg import JpegCodec
from edgent.core.codecs.quantised import QUANTISED
from edgent.core.codecs.raw import RawCodec
from edgent.core.codecs.webp import WebpCodec

CODECS = CodecRegistry(
    (RawCodec(), WebpCodec(), JpegCodec(), FileCodec(), Float32Codec(), *QUANTISED, HuffmanCodec())
)
