"""What the manifests of one pipeline call their parts, so that they find each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgent.deploy.plain_name import plain_name

_LONGEST = 63
"""Of a service's name and of a label."""
_PODS = "-pods"


@dataclass(frozen=True)
class Names:
    """The names.

    Attributes:
        pipeline: its name.
    """

    pipeline: str

    @property
    def base(self) -> str:
        """Of the deployment and what belongs to it."""
        return plain_name("edgent-", self.pipeline, _LONGEST - len(_PODS))

    @property
    def pods(self) -> str:
        """Of the service that names each pod; Prometheus calls the pods' metrics by it."""
        return f"{self.base}{_PODS}"

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
