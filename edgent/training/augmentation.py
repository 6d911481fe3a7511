"""Random shifts, crops and mirror images of a whole batch in one gather."""

import torch
from torch import Tensor


def pad_images(images: Tensor, shift_pixels: int) -> Tensor:
    """Uint8 images (N, C, H, W) -> (N, H + 2s, W + 2s, C), reflected at the border: ``augment``'s input."""
    padded = (
        torch.nn.functional.pad(images.float(), [shift_pixels] * 4, mode="reflect")
        if shift_pixels
        else images
    )
    return padded.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def augment(
    padded: Tensor, indices: Tensor, size: tuple[int, int], flip: bool, generator: torch.Generator
) -> Tensor:
    """Cut a random crop out of each chosen image, mirrored half of the time if ``flip``.

    Args:
        padded: uint8 images (N, H, W, C), from ``pad_images``.
        indices: which images, shape (B,).
        size: height and width of the crop.
        flip: whether to mirror.
        generator: source of the random choices.

    Returns:
        uint8 images (B, C, *size), channels last in memory.
    """
    count = len(indices)
    top = torch.randint(padded.shape[1] - size[0] + 1, (count, 1), generator=generator)
    left = torch.randint(padded.shape[2] - size[1] + 1, (count, 1), generator=generator)
    rows = top + torch.arange(size[0])
    columns = left + torch.arange(size[1])
    if flip:
        mirrored = torch.rand((count, 1), generator=generator) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    crops = padded[indices[:, None, None], rows[:, :, None], columns[:, None, :]]
    return crops.permute(0, 3, 1, 2)
