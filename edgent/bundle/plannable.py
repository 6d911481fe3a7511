"""Whether a device will have what it plans from, and whether that is of the network that it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.bundle.device_pipeline import generated_files
from edgent.errors import PlanError, StaleFileError
from edgent.planning_inputs import load_planning_inputs

if TYPE_CHECKING:
    from edgent.network import Network


def why_not_plannable(network: Network) -> str | None:
    """Read what a device reads when it starts.

    A device is often measured with a bundle. So what was never made is told, and what is of another network
    or spec is refused.

    Returns:
        What has yet to be made, and by which command; None where a device finds all that it plans from.

    Raises:
        PlanError: a profile is there, but not of all that the spec offers.
        StaleFileError: a file is there, and is broken, or made for another network or other requirements.
    """
    try:
        load_planning_inputs(network, network.by_edge())
    except (PlanError, StaleFileError) as error:
        spec = network.spec
        is_all_there = spec.regressors is not None and all(file.exists() for file in generated_files(spec))
        if not is_all_there:
            return str(error)
        raise type(error)(
            f"{error}; before, a device would not start. If it is to be measured on a device, move the old "
            "file away: then the bundle is made without it"
        ) from None
    return None
