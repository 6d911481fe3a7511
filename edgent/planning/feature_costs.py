"""What a feature codec costs on one exit's path."""

from dataclasses import dataclass

from edgent.planning.stages import Jump


@dataclass(frozen=True)
class FeatureCosts:
    """A feature codec on the path of one exit.

    Attributes:
        jump: where it stands.
        size_bytes: mean bytes of a frame with its code, header included.
        encoder_s: seconds of the encoder, and of writing the frame, on the node that sends.
        decoder_s: seconds of reading the frame, and of the decoder, on the node that receives.
        lost: accuracy that the exit loses behind it; 0 or more.
        predicted: whether its seconds follow from its multiply-accumulates, because nobody measured them.
    """

    jump: Jump
    size_bytes: float
    encoder_s: float
    decoder_s: float
    lost: float
    predicted: bool = False
