"""JSON of plain values among which some numbers may be none."""

from __future__ import annotations

import json
import math
from typing import Any


def finite_json(value: dict[str, Any]) -> str:
    """One line of JSON, where null stands for numbers that JSON has none for: NaN and the infinities.

    >>> finite_json({"confidence": float("nan"), "window": [0, 3]})
    '{"confidence": null, "window": [0, 3]}'
    """
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
