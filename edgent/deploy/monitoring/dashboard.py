"""Grafana's dashboard, as the JSON that it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.monitoring.panels import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.deploy.monitoring.panels import Panel

_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_ACROSS, _HEIGHT, _COLUMNS = 8, 8, 24
"""A figure is a third of the screen's 24 columns wide."""


def dashboard() -> dict[str, Any]:
    """The content of the file; one dashboard is for all pipelines."""
    return {
        "uid": "edgent",
        "title": "edgent",
        "tags": ["edgent"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
                _instances("device", "edgent_device_latency_seconds_count"),
                _instances("edge", "ts_inference_requests_total"),
            ]
        },
        "panels": [*_placed()],
    }


def _instances(name: str, metric: str) -> dict[str, Any]:
    """A choice among those that tell a metric."""
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": _DATASOURCE,
        "query": {"query": f"label_values({metric}, instance)", "refId": name},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }


def _placed() -> Iterator[dict[str, Any]]:
    """Every row's heading and its figures, each with its place."""
    number, top = 1, 0
    for row in ROWS:
        place = {"x": 0, "y": top, "w": _COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": place}
        number, top = number + 1, top + 1
        for index, panel in enumerate(row.panels):
            below, beside = divmod(index * _ACROSS, _COLUMNS)
            place = {"x": beside, "y": top + below * _HEIGHT, "w": _ACROSS, "h": _HEIGHT}
            yield {"id": number, "gridPos": place, **_time_series(panel)}
            number += 1
        top += -(-len(row.panels) * _ACROSS // _COLUMNS) * _HEIGHT


def _time_series(panel: Panel) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": _DATASOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": query, "legendFormat": legend, "datasource": _DATASOURCE}
            for index, (legend, query) in enumerate(panel.queries.items())
        ],
    }
