"""What the dashboard shows, row by row: queries, units, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

DEVICE = 'instance=~"$device"'
EDGE = 'instance=~"$edge"'
INTERVAL = "$__rate_interval"
"""Grafana's: long enough for a rate, as often as Prometheus asks."""


@dataclass(frozen=True)
class Panel:
    """One figure.

    Attributes:
        title: of it, with what it is of.
        unit: Grafana's name of it.
        queries: PromQL by legend; ``{{label}}`` stands for a label's value.
        says: how it is read.
    """

    title: str
    unit: str
    queries: dict[str, str]
    says: str


@dataclass(frozen=True)
class Row:
    """Figures that belong together."""

    title: str
    panels: tuple[Panel, ...]


def _rate(name: str, where: str = DEVICE, by: str = "") -> str:
    """How much a count grows in a second, over all that is selected, or by labels."""
    return f"sum{f' by ({by})' if by else ''} (rate({name}{{{where}}}[{INTERVAL}]))"


def _device(name: str, by: str = "") -> str:
    return _rate(f"edgent_device_{name}", DEVICE, by)


def _window(name: str, by: str = "", where: str = EDGE) -> str:
    return _rate(f"edgent_window_{name}_total", where, by)


def _quantile(share: float, name: str) -> str:
    return f"histogram_quantile({share:g}, {_device(f'{name}_bucket', by='le')})"


_REQUESTS = _device("latency_seconds_count")

_ANSWERS = Row(
    "Devices: answers",
    (
        Panel(
            "Answers, by who took part",
            "reqps",
            {"{{by}}": _device("answered_total", "by")},
            "device: it was alone.",
        ),
        Panel(
            "Late answers",
            "percentunit",
            {"late": f"{_device('late_total')} / {_REQUESTS}"},
            "Share later than its requirement.",
        ),
        Panel(
            "Latency",
            "s",
            {
                "half": _quantile(0.5, "latency_seconds"),
                "95 of 100": _quantile(0.95, "latency_seconds"),
                "95 of 100, as planned": _quantile(0.95, "predicted_latency_seconds"),
                "required": f"max(edgent_device_latency_requirement_seconds{{{DEVICE}}})",
            },
            "From the input to its answer, beside what was planned.",
        ),
        Panel(
            "Measured over planned latency",
            "none",
            {"half": _quantile(0.5, "latency_ratio"), "95 of 100": _quantile(0.95, "latency_ratio")},
            "1: as planned. Far above it plans are made of wrong costs.",
        ),
        Panel(
            "Accuracy promised",
            "percentunit",
            {"mean": f"{_device('promised_accuracy_sum')} / {_device('promised_accuracy_count')}"},
            "Held-out accuracy of the exits and codecs that answered.",
        ),
        Panel(
            "Where the time goes",
            "s",
            {"{{stage}}": f"{_device('stage_seconds_total', 'stage')} / on() group_left() {_REQUESTS}"},
            "Seconds of each stage in a request, in the mean.",
        ),
    ),
)

_PLANS = Row(
    "Devices: plans and links",
    (
        Panel(
            "Plans",
            "reqps",
            {"{{exit}}:p{{start}}-p{{stop}}": _device("answers_total", "exit, start, stop")},
            "The exit that answered, and the layers that the edge ran.",
        ),
        Panel(
            "Codecs",
            "reqps",
            {"{{codec_up}} up, {{codec_down}} down": _device("answers_total", "codec_up, codec_down")},
            "Nothing: the device was alone.",
        ),
        Panel(
            "Inputs that left early",
            "reqps",
            {"{{exit}}": _device("left_early_total", "exit")},
            "By the exit that was sure.",
        ),
        Panel(
            "Bandwidth",
            "bps",
            {
                "{{edge}} {{direction}}": "8 * max by (edge, direction) "
                f"(edgent_device_bandwidth_bytes_per_second{{{DEVICE}}})"
            },
            "What the link is believed to have.",
        ),
        Panel(
            "Bytes",
            "Bps",
            {"{{direction}}": _device("bytes_total", "direction")},
            "On connections, headers included.",
        ),
        Panel(
            "Why edges did not answer",
            "reqps",
            {"{{kind}}": _device("edge_errors_total", "kind")},
            "The local exit answered.",
        ),
        Panel(
            "Edges that are left alone",
            "none",
            {"{{instance}} {{edge}}": f"edgent_device_edge_left_alone{{{DEVICE}}}"},
            "1: it failed several times in a row, and only probes ask it.",
        ),
        Panel(
            "Heat",
            "celsius",
            {
                "{{instance}} {{type}}": f"edgent_device_temperature_celsius{{{DEVICE}}}",
                "{{instance}} throttled": f"100 * edgent_device_throttled{{{DEVICE}}}",
            },
            "Throttled: at 100 while the processor is slowed down.",
        ),
    ),
)

_EDGES = Row(
    "Edges",
    (
        Panel(
            "Requests, by outcome",
            "reqps",
            {"{{outcome}}": _window("requests", "outcome")},
            "Expired: nobody waited any more.",
        ),
        Panel(
            "Requests, by window",
            "reqps",
            {"{{window}}": _window("requests", "window")},
            "The 64 first windows of each worker.",
        ),
        Panel(
            "Requests that wait",
            "none",
            {"{{instance}}": f"{_rate('ts_queue_latency_microseconds', EDGE, 'instance')} / 1e6"},
            "In TorchServe's queue, in the mean (Little's law).",
        ),
        Panel(
            "Time in the queue, by window",
            "s",
            {"{{window}}": f"{_window('queue_seconds', 'window')} / {_window('requests', 'window')}"},
            "Of a request, at most: as far as requests say when they were written.",
        ),
        Panel(
            "Time of a run, by window",
            "s",
            {"{{window}}": f"{_window('compute_seconds', 'window')} / {_window('runs', 'window')}"},
            "What runs together counts once.",
        ),
        Panel(
            "Inputs of a run, by window",
            "none",
            {"{{window}}": f"{_window('inputs', 'window')} / {_window('runs', 'window')}"},
            "1 unless the spec has edge.batch_size, and devices ask at once.",
        ),
        Panel(
            "Worker time",
            "percentunit",
            {"{{instance}}": _window("compute_seconds", "instance")},
            "Share of one worker's time in runs.",
        ),
        Panel(
            "The proxy's answers",
            "reqps",
            {"{{code}}": _rate("haproxy_server_http_responses_total", 'proxy="edges"', "code")},
            "5xx: refused, or too late to begin.",
        ),
        Panel(
            "Edges that the proxy asks",
            "none",
            {"up": 'sum(haproxy_server_status{proxy="edges",state="UP"})'},
            "They answer frames.",
        ),
    ),
)

ROWS = (_ANSWERS, _PLANS, _EDGES)
