"""scikit-learn's 1,797 handwritten digits, enlarged to 28x28 pixels."""

import numpy as np
from PIL import Image

from edgent.datasets.dataset import Split


class Digits:
    """Every fifth digit is held out; 8x8 pixels of 0..16 become 28x28 of 0..255."""

    def train(self) -> Split:
        """1,437 digits."""
        return _digits(held_out=False)

    def held_out(self) -> Split:
        """360 digits."""
        return _digits(held_out=True)


def _digits(*, held_out: bool) -> Split:
    from sklearn.datasets import load_digits  # noqa: PLC0415  a workbench package; a second to import

    digits = load_digits()
    chosen = (np.arange(len(digits.target)) % 5 == 0) == held_out
    small = (digits.images[chosen] * (255 / 16)).round().astype(np.uint8)
    large = [
        np.asarray(Image.fromarray(image).resize((28, 28), Image.Resampling.BILINEAR)) for image in small
    ]
    return Split(np.stack(large)[:, None], digits.target[chosen].astype(np.int64))
