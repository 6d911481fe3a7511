"""What the manifests of one pipeline call their parts, so that they find each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Names:
    """The names.

    Attributes:
        pipeline: its name.
    """

    pipeline: str

    @property
    def base(self) -> str:
        """Of the deployment and what belongs to it, as Kubernetes takes it: small letters and hyphens."""
        return f"edgent-{self.pipeline.lower().replace('_', '-')}".rstrip("-")

    @property
    def pods(self) -> str:
        """Of the service that names each pod; Prometheus calls the pods' metrics by it."""
        return f"{self.base}-pods"

    @property
    def labels(self) -> dict[str, str]:
        """By which pods are found."""
        return {"app.kubernetes.io/name": "edgent-edge", "app.kubernetes.io/instance": self.base}

    def manifest(self, api_version: str, kind: str, spec: dict[str, Any], name: str = "") -> dict[str, Any]:
        """A manifest of one kind.

        Args:
            api_version: of the kind.
            kind: of the object.
            spec: what it says.
            name: of the object; that of the deployment where it is empty.
        """
        metadata = {"name": name or self.base, "labels": self.labels}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
