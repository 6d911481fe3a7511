"""What an earlier run left in the folder of results, and what of it is measured anew."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from benchmarks.studies.comparison.limit import LimitRow
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.limit import LIMIT_FILE, Limits
from benchmarks.studies.workload.same_plan import uncontrolled
from benchmarks.studies.workload.steadiness import unsteady
from edgent.counted import counted
from edgent.errors import StaleFileError


class _WithDigests(Protocol):
    @property
    def digests(self) -> Mapping[str, str]: ...


_Read = TypeVar("_Read", bound=_WithDigests)


@dataclass(frozen=True)
class Kept:
    """What an earlier run left, as far as it was measured with what this run measures with.

    Attributes:
        measured: By link.
        limits: Of the distance to the limit; empty where nothing is kept.
        refused: What else is kept, "link" or "limit", and why it does not count.
    """

    measured: Mapping[Condition, Measured]
    limits: Sequence[LimitRow]
    refused: Sequence[tuple[str, str]]

    def left(self, conditions: Sequence[Condition]) -> list[Condition]:
        """What is not measured yet, or not while the machine was as usual, or where the control failed."""
        if not self.measured:
            return list(conditions)
        again = unsteady({condition: one.speed_s for condition, one in self.measured.items()})
        again += uncontrolled([*self.measured.values()])
        return [one for one in conditions if one not in self.measured or one in again]

    @property
    def refusal(self) -> str:
        """How many links are kept and measured anew, and why; empty where there are none."""
        reasons = Counter(self.refused).items()
        return ", ".join(f"{counted(count, what)} ({why})" for (what, why), count in reasons)


def read_kept(folder: Path, conditions: Sequence[Condition], digests: Mapping[str, str]) -> Kept:
    """Read what an earlier run left.

    Args:
        folder: Of the results.
        conditions: The links whose files are looked for.
        digests: With what this run measures.
    """
    measured: dict[Condition, Measured] = {}
    limits: list[LimitRow] = []
    refused: list[tuple[str, str]] = []
    for condition in conditions:
        try:
            measured[condition] = _read(folder / condition.file_name, Measured.read, digests)
        except StaleFileError as error:
            refused.append(("link", str(error)))
        except FileNotFoundError:
            continue
    try:
        limits += _read(folder / LIMIT_FILE, Limits.read, digests).rows
    except StaleFileError as error:
        refused.append(("limit", str(error)))
    except FileNotFoundError:
        pass
    return Kept(measured, limits, refused)


def _read(file: Path, read: Callable[[Path], _Read], digests: Mapping[str, str]) -> _Read:
    """Read one file.

    Raises:
        FileNotFoundError: There is none.
        StaleFileError: It is not whole, or was made with something else.
    """
    try:
        found = read(file)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise StaleFileError(f"{file.name} cannot be read") from None
    differing = [name for name, digest in digests.items() if found.digests.get(name) != digest]
    if differing:
        raise StaleFileError(f"measured with other {' and '.join(differing)}")
    return found
