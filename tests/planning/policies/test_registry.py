"""An entry makes a policy, or is refused before anything is planned by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import PluginError
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.registry import PolicyEntry, Setting

if TYPE_CHECKING:
    from typing import Any


def test_an_entry_makes_its_policy() -> None:
    """From the setting that it is given."""
    hedged = Hedged()
    assert PolicyEntry("with a local exit", lambda _: hedged).policy(Setting()) is hedged


@pytest.mark.parametrize("made", [None, object(), Hedged, "hedged"])
def test_what_is_no_policy_is_refused(made: Any) -> None:
    """A class in place of an object is none, either."""
    with pytest.raises(PluginError, match=r"the PolicyEntry 'careless' makes .* a method decide"):
        PolicyEntry("careless", lambda _: made).policy(Setting())
