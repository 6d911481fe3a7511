"""A learned codec for one cut: ``python examples/compress_a_cut.py [FOLDER]``.

LeNet is cut behind its first pooling, where its activation takes more bytes than the photo itself. An encoder
and a decoder learn, in a quarter of a minute, to carry that activation in a fraction of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

EXIT, CUT = "exit2", 3
LINK_BPS = 50e3


def train_codec(folder: Path) -> Path:
    """Copy LeNet and train a codec for the cut; gives the record of what it is worth."""
    subprocess.run(["edgent", "new", "--example", "lenet", "--out", "."], cwd=folder, check=True)
    options = ("--at", f"{EXIT}:p{CUT}", "--channels", "4", "--bytes", "300", "--minutes", "0.25")
    named = ("--name", "small", "--threads", "1")  # more threads than free cores would learn next to nothing
    subprocess.run(["edgent", "compress", "lenet.yaml", *options, *named], cwd=folder, check=True)
    return folder / "lenet" / "features" / "small.yaml"


def frames_bytes(folder: Path) -> dict[str, float]:
    """Mean size of a frame with the photo, and with the activation in each of the spec's codecs."""
    profile = yaml.safe_load((folder / "lenet" / "device.yaml").read_text(encoding="utf-8"))
    return {
        f"p{row['partition_point']} as {row['codec']}": row["size_bytes"]
        for row in profile["codecs"]
        if row["exit"] == EXIT and row["partition_point"] in (0, CUT)
    }


def main(folder: Path) -> None:
    """Train the codec, and set it beside the codecs that need no training."""
    folder.mkdir(parents=True, exist_ok=True)
    record = yaml.safe_load(train_codec(folder).read_text(encoding="utf-8"))
    score = record["exits"][-1]
    sizes = frames_bytes(folder) | {f"p{CUT} as a code": record["bytes_mean"]}
    for what, size_bytes in sizes.items():
        print(f"{what:14s} {size_bytes:7.0f} bytes, {8e3 * size_bytes / LINK_BPS:4.0f} ms at 50 kbps")
    print(f"accuracy {score['without']:.3f} without the code, {score['with_codec']:.3f} behind it")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="compress-a-cut-")))
