"""How a network is trained: what its module declares beside its layers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The choices of a training that belong to the network and not to one run of it.

    Attributes:
        exit_weights: weight of each exit's loss in the joint loss, shallow to deep.
        epochs: passes over the data set, unless a run says otherwise.
        batch_size: number of images in a step.
        peak_rate: highest learning rate.
        momentum: momentum of the stochastic gradient descent (Nesterov's form).
        weight_decay: decay of the weights; biases and normalisation have none.
        label_smoothing: probability taken from the true label and spread over all.
        distillation: share of each earlier exit's loss that is against the last exit's answers.
        shift_pixels: most pixels by which images are shifted at random.
        flip: whether images are mirrored at random.
        early_size_pixels: side of the random crops that replace whole images at first; 0 for none.
        early_share: share of the training that is done on such crops.
        bfloat16: whether to compute in bfloat16 where the processor does it natively.
    """

    exit_weights: tuple[float, ...]
    epochs: int
    batch_size: int
    peak_rate: float
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.05
    distillation: float = 0.3
    shift_pixels: int = 0
    flip: bool = False
    early_size_pixels: int = 0
    early_share: float = 0.4
    bfloat16: bool = False
