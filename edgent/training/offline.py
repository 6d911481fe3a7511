"""Runs one training from start to end: train, export, measure, write.

Nothing is written before all is measured, so a training that is stopped leaves the earlier network in place.
"""

import hashlib
import importlib
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import torch

from edgent.datasets.dataset import Split
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError
from edgent.training.checkpoint import Standing
from edgent.training.evaluation import accuracies
from edgent.training.export import exported, write_network
from edgent.training.joint_training import Progress, train_network
from edgent.training.layers import BranchyNetwork
from edgent.training.recipe import Recipe
from edgent.training.record import TrainingRecord
from edgent.training.schedule import Limits


@dataclass(frozen=True)
class TrainingConfig:
    """What to train, and for how long.

    Attributes:
        network: module with ``build()`` and ``RECIPE``, such as ``edgent.training.alexnet``.
        dataset: name of a data set.
        output: the ONNX file to write; ``training.yaml`` is written beside it.
        checkpoints: folder of the checkpoint.
        epochs: most epochs; None for the recipe's own number.
        time_budget_s: most seconds of training; None for no limit.
        seed: all random choices follow from it.
        exit_weights: weight of each exit in the joint loss, shallow to deep; None for the recipe's own.
        resume: whether to go on from the checkpoint.
        threads: number of threads that torch may use.
    """

    network: str
    dataset: str
    output: Path
    checkpoints: Path
    epochs: int | None = None
    time_budget_s: float | None = None
    seed: int = 0
    exit_weights: tuple[float, ...] | None = None
    resume: bool = False
    threads: int = 2


def train(config: TrainingConfig, *, progress: Callable[[Progress], None]) -> TrainingRecord:
    """Train a network, measure every exit of what it is exported to, and write that to ``config.output``.

    Args:
        config: what to train.
        progress: called after every step.

    Raises:
        UnknownNameError: no such data set.
        DataError: the network module, the data set or the checkpoint is missing or does not fit.
        ModelError: the export failed.
        OutputError: the file cannot be written.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    network, recipe = _network(config)
    dataset = DATASETS[config.dataset]
    train_split, held_out = dataset.train(), dataset.held_out()
    if train_split.images.shape[1:] != network.input_shape:
        raise DataError(
            f"{config.dataset} has images of shape {train_split.images.shape[1:]}, "
            f"{config.network} takes {network.input_shape}"
        )
    standing = train_network(
        network,
        recipe,
        train_split,
        Limits(recipe.epochs, config.time_budget_s),
        seed=config.seed,
        checkpoints=config.checkpoints,
        resume=config.resume,
        report=progress,
    )
    content = exported(network, config.network.rpartition(".")[2])
    record = _record(config, recipe, standing, content, train_split, held_out)
    write_network(content, config.output)
    record.save(config.output.with_name("training.yaml"))
    return record


def _network(config: TrainingConfig) -> tuple[BranchyNetwork, Recipe]:
    """The network, and its recipe with what this run changes of it."""
    network, recipe = _load(config.network)
    if config.exit_weights is not None:
        recipe = replace(recipe, exit_weights=config.exit_weights)
    if config.epochs is not None:
        recipe = replace(recipe, epochs=config.epochs)
    if len(recipe.exit_weights) != len(network.exit_names):
        raise DataError(
            f"{len(recipe.exit_weights)} exit weights for the {len(network.exit_names)} exits "
            f"of {config.network}; give one per exit"
        )
    return network, recipe


def _record(
    config: TrainingConfig,
    recipe: Recipe,
    standing: Standing,
    content: bytes,
    train_split: Split,
    held_out: Split,
) -> TrainingRecord:
    """What was done, and the accuracies of the exported file's content."""
    return TrainingRecord(
        network=config.network,
        dataset=config.dataset,
        date=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        versions={
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        seed=config.seed,
        threads=config.threads,
        time_budget_s=config.time_budget_s,
        epochs=standing.epochs_done,
        duration_s=round(standing.elapsed_s, 1),
        recipe={
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(recipe).items()
        },
        accuracy_train=accuracies(content, train_split, config.threads),
        accuracy_test=accuracies(content, held_out, config.threads),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _load(module_name: str) -> tuple[BranchyNetwork, Recipe]:
    try:
        module = importlib.import_module(module_name)
        return module.build(), module.RECIPE
    except (ImportError, AttributeError) as error:
        raise DataError(
            f"cannot train {module_name!r}: {error}; name a module with build() and RECIPE, such as "
            "edgent.training.lenet. A module of your own is found where its package is installed, or where "
            "PYTHONPATH names its folder"
        ) from error
