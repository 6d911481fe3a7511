"""Where a training stands, on disk: one safetensors file, no pickle."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from edgent.errors import DataError, OutputError
from edgent.training.layers import BranchyNetwork
from edgent.whole_file import whole_file

_FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class Standing:
    """How far a training has come."""

    epochs_done: int
    elapsed_s: float


def save_checkpoint(
    folder: Path, network: BranchyNetwork, optimizer: torch.optim.Optimizer, standing: Standing
) -> None:
    """Write weights, momenta and standing; the old file is replaced at once or not at all.

    Raises:
        OutputError: there is no room, or no file can be made there.
    """
    tensors = {f"network.{name}": tensor.contiguous() for name, tensor in network.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors[f"momentum.{index}"] = state["momentum_buffer"].contiguous()
    metadata = {"epochs_done": str(standing.epochs_done), "elapsed_s": repr(standing.elapsed_s)}
    try:
        with whole_file(folder / _FILE) as unfinished:
            save_file(tensors, unfinished, metadata)
    except (OSError, SafetensorError) as error:
        raise OutputError(
            f"{folder / _FILE} cannot be written: {error}; make room there, and go on with --resume "
            "from the last checkpoint"
        ) from None


def load_checkpoint(folder: Path, network: BranchyNetwork, optimizer: torch.optim.Optimizer) -> Standing:
    """Restore what ``save_checkpoint`` wrote into the network and the optimizer.

    Raises:
        DataError: there is no checkpoint, or it is broken or another network's.
    """
    path = folder / _FILE
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        network.load_state_dict(
            {name.removeprefix("network."): t for name, t in tensors.items() if name.startswith("network.")}
        )
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        for index, parameter in enumerate(parameters):
            momentum = torch.empty_like(parameter).copy_(tensors[f"momentum.{index}"])
            optimizer.state[parameter]["momentum_buffer"] = momentum
        standing = Standing(int(metadata["epochs_done"]), float(metadata["elapsed_s"]))
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"cannot resume from {path}: {error}; train without resuming to start afresh"
        ) from error
    return standing
