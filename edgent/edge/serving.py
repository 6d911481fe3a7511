"""How an archive is served, whatever it holds of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.edge.limits import LONGEST_QUEUE

if TYPE_CHECKING:
    from edgent.core.providers import ProviderOptions
    from edgent.edge.limits import ServingLimits
    from edgent.network import Network


@dataclass(frozen=True)
class Serving:
    """What TorchServe and the handler are told.

    Attributes:
        model_sha256: digest of the whole network.
        providers: onnxruntime's execution providers.
        provider_options: what they are told, by their names.
        response_timeout_s: after which TorchServe ends a worker that has not answered.
        queue: how many requests may wait.
        codecs: those that a spec offers; the archive carries the source of those that are not edgent's own.
        measures: those of confidence that a spec's exit rule takes; carried as codecs are.
        threads: onnxruntime's, for one run.
        batch_size: requests that TorchServe gives a worker together, at most.
        max_batch_delay_ms: how long it waits for them.
    """

    model_sha256: str
    providers: tuple[str, ...]
    provider_options: ProviderOptions
    response_timeout_s: int
    queue: int = LONGEST_QUEUE
    codecs: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    threads: int = 1
    batch_size: int = 1
    max_batch_delay_ms: int = 1

    @classmethod
    def of(cls, network: Network, limits: ServingLimits) -> Serving:
        """As the network's spec wants it."""
        spec, edge = network.spec, network.spec.edge
        return cls(
            network.graph.sha256,
            edge.providers,
            edge.provider_options,
            limits.response_timeout_s,
            limits.queue,
            (*network.input_codecs, *spec.codecs.activation),
            () if spec.exit_rule is None else (spec.exit_rule.measure,),
            edge.threads,
            edge.batch_size,
            edge.max_batch_delay_ms,
        )
