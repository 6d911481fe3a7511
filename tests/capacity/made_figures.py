"""Figures of an edge on which nobody waits, to hold others against."""

from edgent.capacity.figures import Figures

IDLE = Figures(
    edges=1, workers=None, requests=20_000, late_share=0.0, device_share=0.1, edge_share=0.89,
    stood_by_share=0.01, stood_by_accuracy=0.7, refused_share=0.0, expired_share=0.0, in_vain_share=0.0,
    accuracy=0.91, latency_s=0.06, wait_s=0.0, longest_wait_s=0.0, utilisation=None, device_utilisation=0.1,
    goodput_hz=1_000.0, plans=(("exit6:p45", 0.9), ("exit1:p0", 0.1)),
)  # fmt: skip
