"""The report of the hop: a table of echoes, and what follows from it in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean

from benchmarks.studies.hop.measure import Hop
from benchmarks.studies.hop.setting import BARE_SOCKET, DEFAULTS, OURS, OURS_GRPC, OURS_GRPCIO
from benchmarks.studies.study import Report, Table

SIZES_BYTES = (300, 3_000, 12_000, 64_000)


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        hops: By payload in bytes, then by server and transport.
        fresh_s: By server: median seconds of its first echoes.
    """

    hops: Mapping[int, Mapping[str, Hop]]
    fresh_s: Mapping[str, float]
    fresh_echoes: int
    fresh_every_s: float


def report(measured: Measured) -> Report:
    """The report of a run."""
    smallest = measured.hops[SIZES_BYTES[0]]
    rows = [
        (
            name,
            *(_times(by_name[name]) for by_name in measured.hops.values()),
            _count(smallest[name].overhead_bytes),
        )
        for name in smallest
    ]
    heads = ("server and transport", *(f"{size / 1000:g} kB" for size in measured.hops), "bytes")
    return Report(
        _facts(measured),
        [Table("", heads, rows)],
        records={"hop": [hop for by_name in measured.hops.values() for hop in by_name.values()]},
    )


def _facts(measured: Measured) -> list[str]:
    hops = measured.hops
    gain = mean(hop[DEFAULTS].p50_s for hop in hops.values()) / mean(hop[OURS].p50_s for hop in hops.values())
    default_s, ours_s = measured.fresh_s[DEFAULTS], measured.fresh_s[OURS]
    smallest = hops[SIZES_BYTES[0]]
    http, grpc, grpcio, bare = (smallest[name] for name in (OURS, OURS_GRPC, OURS_GRPCIO, BARE_SOCKET))
    http_s, grpc_s = http.p50_s - bare.p50_s, grpc.p50_s - bare.p50_s
    first = f"The first {measured.fresh_echoes} echoes of a fresh server, {measured.fresh_every_s * 1e3:g} ms"
    facts = [
        f"Our settings are {gain:.2f}x ahead of TorchServe's defaults in p50 over HTTP.",
        f"{first} apart, take {_ms(default_s)} with its defaults and {_ms(ours_s)} with ours (3 kB, HTTP).",
        f"More than a bare socket takes at 0.3 kB: {_ms(http_s)} over HTTP, {_ms(grpc_s)} over gRPC.",
    ]
    if http.overhead_bytes is not None and grpc.overhead_bytes is not None:
        beside = ", ".join(
            f"{name} {_count(hop.overhead_bytes)}"
            for name, hop in (("gRPC", grpc), ("HTTP", http), ("grpcio", grpcio))
        )
        quicker = _where_quicker(http.overhead_bytes - grpc.overhead_bytes, grpc.p50_s - http.p50_s)
        facts.append(f"Bytes beside the payload: {beside}; {quicker}.")
    return facts


def _where_quicker(saved_bytes: float, longer_s: float) -> str:
    """On which links gRPC is quicker than HTTP."""
    if longer_s <= 0:
        return "gRPC is quicker on every link"
    return f"below {8 * saved_bytes / longer_s / 1e6:.1f} Mbps gRPC is quicker"


def _count(size_bytes: float | None) -> str:
    return "unknown" if size_bytes is None else f"{size_bytes:.0f}"


def _times(hop: Hop) -> str:
    return f"{hop.p50_s * 1e3:.2f} / {hop.p99_s * 1e3:.1f}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"
