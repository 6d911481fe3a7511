"""Random crops and mirror images."""

import torch

from edgent.training.augmentation import augment, pad_images


def _images() -> torch.Tensor:
    """Four 2x6x6 images, every pixel of which has its own value."""
    return torch.arange(4 * 2 * 6 * 6).remainder(251).to(torch.uint8).view(4, 2, 6, 6)


def test_without_choice_the_images_come_back() -> None:
    """No padding, no mirroring and the whole window: nothing changes."""
    indices = torch.tensor([2, 0, 3])
    same = augment(pad_images(_images(), 0), indices, (6, 6), False, torch.Generator())
    assert torch.equal(same, _images()[indices])


def test_every_crop_is_cut_from_its_padded_image() -> None:
    """Each result, or its mirror image, occurs in its reflected image, and all kinds of choice happen."""
    padded = nn_pad(_images(), 2)
    generator = torch.Generator().manual_seed(3)
    indices = torch.arange(4).repeat(50)
    crops = augment(pad_images(_images(), 2), indices, (5, 5), True, generator)
    places = set()
    for index, crop in zip(indices.tolist(), crops, strict=True):
        candidates = padded[index].unfold(1, 5, 1).unfold(2, 5, 1)
        for mirrored in (False, True):
            wanted = crop.flip(2) if mirrored else crop
            same = (candidates == wanted[:, None, None]).all(dim=(0, 3, 4)).nonzero()
            places |= {(mirrored, *place) for place in same.tolist()}
            if len(same):
                break
        else:
            raise AssertionError(f"image {index}: this crop is not one of its own")
    assert {place[0] for place in places} == {False, True}
    assert {place[1] for place in places} == set(range(6))
    assert {place[2] for place in places} == set(range(6))


def nn_pad(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """Reflect by hand: the pixel at distance d outside is the one at distance d inside."""
    side = images.shape[-1]
    inside = [abs(i) if i < side else 2 * (side - 1) - i for i in range(-pixels, side + pixels)]
    return images[:, :, inside][:, :, :, inside]


def test_the_generator_decides() -> None:
    """Equal seeds give equal crops, another seed others."""
    padded, indices = pad_images(_images(), 2), torch.arange(4).repeat(5)
    first, again, other = (
        augment(padded, indices, (6, 6), True, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
