"""What carried modules import beyond what an edge has."""

from __future__ import annotations

import re

from edgent.edge.registration import REQUIREMENTS
from edgent.edge.undeclared_imports import ON_AN_EDGE, undeclared_imports

FILES = {
    "mine/codec.py": b"import numpy as np, scipy.fft, torch\nfrom PIL import Image\nfrom . import other\n",
    "mine/other.py": b"def run():\n    from sklearn.svm import SVC\n    import mine.codec\n",
    "mine/policy.py": b"import pandas\n",
    "alone.py": b"from edgent.core.codecs.raw import RawCodec\nimport alone\n",
}


def test_what_an_edge_need_not_have() -> None:
    """Of the files that a worker runs, imports inside of functions included."""
    loaded = ["mine/codec.py", "mine/other.py", "alone.py"]
    assert undeclared_imports(FILES, loaded) == {"mine/codec.py": ["scipy"], "mine/other.py": ["sklearn"]}
    assert undeclared_imports(FILES, []) == {}


def test_what_archives_require_is_known() -> None:
    """By the names under which it is imported."""
    imported = {"pillow": "PIL", "backports-zstd": "backports"}
    required = [re.split(r"[><= ]", requirement)[0] for requirement in REQUIREMENTS]
    assert {imported.get(name, name) for name in required} | {"edgent"} == ON_AN_EDGE
