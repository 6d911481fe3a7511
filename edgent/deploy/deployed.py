"""What was written for one target: what its README and the command tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgent.deploy.image_name import ImageName
    from edgent.deploy.owned_folder import Target
    from edgent.deploy.served_store import ServedStore
    from edgent.spec import Pipeline

PIPELINE = "pipeline"
"""The folder of a deployment with the files that a device needs."""
MOST_WORKERS = 1000
"""Of one edge."""


@dataclass(frozen=True)
class Deployed:
    """A deployment that was written.

    Attributes:
        target: for what.
        served: what its edges serve.
        host: by which devices reach the edge; empty where nobody said it.
        image: of the edge; None where there are no images.
        awaits_wheel: whether the image's tag follows from what is in the image, and edgent's wheel, which is
            part of that, is not there yet: the next run has another tag.
    """

    target: Target
    served: ServedStore
    host: str
    image: ImageName | None = None
    awaits_wheel: bool = False

    @property
    def title(self) -> str:
        """The pipeline and the version of its network."""
        return f"{self.served.name} {self.served.version}"

    @property
    def spec(self) -> Pipeline:
        """The pipeline's."""
        return self.served.network.spec
