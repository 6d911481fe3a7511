"""The policies by name: for the spec, the runtime and the replay, open to other packages.

A package adds a policy by an entry point of the group ``edgent.policies`` that names a `PolicyEntry`; a
program adds one by ``POLICIES.add``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edgent.core.registry import Registry
from edgent.errors import PlanError, PluginError
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.policies.policy import Policy, is_policy


@dataclass(frozen=True)
class Setting:
    """What a policy may be made from.

    Attributes:
        throughput_weight: of the reward that is striven for: 1 in the paper's, 0 for accuracy alone.
        configuration_map: what Algorithm 2 found; None where there is no map.
    """

    throughput_weight: float = 0.0
    configuration_map: ConfigurationMap | None = None


@dataclass(frozen=True)
class PolicyEntry:
    """A policy that can be chosen by name.

    Attributes:
        summary: what it does, in a clause.
        make: makes it.
        forecast: name of the forecast that it decides on; None: the user chooses.
        foresees: whether it needs the link that the next transfer will meet, which only a replay knows.
        hedged: whether it counts on a local exit that stands by.
        needs_map: whether it follows a configuration map.
    """

    summary: str
    make: Callable[[Setting], Policy]
    forecast: str | None = None
    foresees: bool = False
    hedged: bool = False
    needs_map: bool = False

    def policy(self, setting: Setting) -> Policy:
        """What `make` makes.

        Raises:
            PlanError: the policy needs a map, and the setting has none.
            PluginError: it makes no policy.
        """
        made = self.make(setting)
        if not is_policy(made):
            raise PluginError(
                f"the PolicyEntry {self.summary!r} makes {made!r}; "
                "it must make an object that has a method decide"
            )
        return made


def _state_lookup(setting: Setting) -> Policy:
    if setting.configuration_map is None:
        raise PlanError(
            "the policy paper follows a configuration map: make one with `edgent map SPEC`, "
            "or choose another policy"
        )
    return StateLookup(setting.configuration_map, setting.throughput_weight)


POLICIES: Registry[PolicyEntry] = Registry(
    "policy",
    "edgent.policies",
    {
        "static": PolicyEntry(
            "Algorithm 1 on the first sample, for good", lambda _: PlanOnce(), forecast="last-value"
        ),
        "last-value": PolicyEntry(
            "the highest reward at the last sample",
            lambda setting: KnownLink(setting.throughput_weight),
            forecast="last-value",
        ),
        "paper": PolicyEntry(
            "Algorithm 3: the map's plan for the state, which is held until it changes",
            _state_lookup,
            forecast="change-point",
            needs_map=True,
        ),
        "expected": PolicyEntry(
            "the highest expected reward under the forecast",
            lambda setting: ExpectedReward(throughput_weight=setting.throughput_weight),
        ),
        "chance": PolicyEntry(
            "the highest accuracy that is late at most 2 % of times", lambda _: ChanceConstrained()
        ),
        "hedged": PolicyEntry(
            "the highest expected accuracy, with a local exit standing by", lambda _: Hedged(), hedged=True
        ),
        "oracle": PolicyEntry(
            "the highest reward at the next sample, which it knows",
            lambda setting: KnownLink(setting.throughput_weight),
            forecast="last-value",
            foresees=True,
        ),
    },
    wanted=PolicyEntry,
)
