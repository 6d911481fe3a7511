"""Where the training of a feature codec stands, on disk: one safetensors file, no pickle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from edgent.errors import DataError
from edgent.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from edgent.compression.codec_network import FeatureCodecNetwork

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True)
class Standing:
    """How far a training has come.

    Attributes:
        identity: of what is trained; another training's checkpoint is refused by it.
        steps: optimizer's steps.
        epochs: passes over the samples, whole ones and a part of the last.
        elapsed_s: seconds.
    """

    identity: str
    steps: int = 0
    epochs: float = 0.0
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class Trained:
    """What a checkpoint holds beside the standing.

    Attributes:
        codec: as it is trained.
        average: moving average of its weights, which is what is used.
        optimizer: Adam's.
    """

    codec: FeatureCodecNetwork
    average: FeatureCodecNetwork
    optimizer: torch.optim.Optimizer


def save_checkpoint(file: Path, trained: Trained, standing: Standing) -> None:
    """Write weights, moments and standing; the old file is replaced at once or not at all.

    Raises:
        DataError: it cannot be written.
    """
    tensors = {f"codec.{name}": tensor for name, tensor in trained.codec.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in trained.average.state_dict().items()}
    for index, state in trained.optimizer.state_dict()["state"].items():
        tensors |= {f"moment.{index}.{name}": state[name] for name in _MOMENTS}
    metadata = {
        "identity": standing.identity,
        "steps": str(standing.steps),
        "epochs": repr(standing.epochs),
        "elapsed_s": repr(standing.elapsed_s),
    }
    try:
        with whole_file(file) as unfinished:
            save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, unfinished, metadata)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"cannot write the checkpoint {file}: {error}; make room there, or work in another folder"
        ) from error


def load_checkpoint(file: Path, trained: Trained, identity: str) -> Standing:
    """Restore what `save_checkpoint` wrote.

    Raises:
        DataError: there is no checkpoint, or it is broken or another training's.
    """
    afresh = "run the command without --resume to start afresh"
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata()
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  not a mapping
        if metadata["identity"] != identity:
            raise DataError(f"{file} is of another network, place, data or seed; {afresh}")
        for part, network in (("codec.", trained.codec), ("average.", trained.average)):
            network.load_state_dict(
                {name.removeprefix(part): t for name, t in tensors.items() if name.startswith(part)}
            )
        parameters = [parameter for group in trained.optimizer.param_groups for parameter in group["params"]]
        for index, parameter in enumerate(parameters):
            if f"moment.{index}.step" in tensors:
                trained.optimizer.state[parameter] = {
                    name: tensors[f"moment.{index}.{name}"].to(parameter.device if name != "step" else "cpu")
                    for name in _MOMENTS
                }
        return Standing(
            identity, int(metadata["steps"]), float(metadata["epochs"]), float(metadata["elapsed_s"])
        )
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"cannot resume from {file}: {error}; {afresh}") from error
