"""What a training did and what came of it, kept beside the network as readable YAML."""

from dataclasses import asdict, dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class TrainingRecord:
    """A finished training.

    Attributes:
        network: module that declares the network.
        dataset: it was trained on.
        date: of the export, ISO 8601, UTC.
        versions: of the packages that decide the outcome.
        seed: of all random choices.
        threads: torch computed with.
        time_budget_s: that the training had; None for no limit.
        epochs: that were run, the last one perhaps cut short by the time budget.
        duration_s: spent training, in all runs together.
        recipe: how it was trained (``Recipe``), with the exit weights used.
        accuracy_train: of each exit on the images trained on, shallow to deep.
        accuracy_test: of each exit of the exported network on held-out images.
        sha256: of the exported ONNX file.
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
