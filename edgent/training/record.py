"""What a training did and what came of it, kept beside the network as readable YAML."""

from dataclasses import asdict, dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class TrainingRecord:
    """A finished training.

    Attributes:
        network: module that declares the network.
        dataset: name of the data set that it was trained on.
        date: time of the export, ISO 8601, UTC.
        versions: versions of the packages that decide the outcome.
        seed: all random choices follow from it.
        threads: number of torch's threads.
        time_budget_s: most seconds of training; None for no limit.
        epochs: number of epochs begun; the time budget may have cut the last short.
        duration_s: seconds of training, in all runs together.
        recipe: how it was trained (``Recipe``), with the exit weights used.
        accuracy_train: accuracy of each exit on the images trained on, shallow to deep.
        accuracy_test: accuracy of each exit of the exported network on held-out images.
        sha256: digest of the exported ONNX file.
    """

    network: str
    dataset: str
    date: str
    versions: dict[str, str]
    seed: int
    threads: int
    time_budget_s: float | None
    epochs: int
    duration_s: float
    recipe: dict[str, object]
    accuracy_train: tuple[float, ...]
    accuracy_test: tuple[float, ...]
    sha256: str

    def save(self, path: Path) -> None:
        """Write it as YAML."""
        plain = {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }
        path.write_text(
            "# Written by `edgent train`.\n"
            + yaml.safe_dump(plain, sort_keys=False, default_flow_style=None),
            encoding="utf-8",
        )
