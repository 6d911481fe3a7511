"""Bytes against accuracy of all codecs of a pipeline, as a picture."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edgent.accuracy.codec_accuracy import CodecAccuracies
from edgent.planning.plan import FLOAT32, RAW
from edgent.show.plan_figure import exit_colours


def rate_accuracy_figure(accuracies: CodecAccuracies) -> Figure:
    """Left: every codec at the deepest exit, activation codecs at each cut. Right: inputs at every exit."""
    figure = Figure(figsize=(13, 6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=False)
    _deepest_exit(left, accuracies)
    _every_exit(right, accuracies)
    for axes in (left, right):
        axes.set(xscale="log", xlabel="mean bytes of a frame", ylabel=accuracies.measure)
        axes.grid(visible=True, alpha=0.3)
    return figure


def _input_points(accuracies: CodecAccuracies, exit_name: str) -> list[tuple[float, float, str]]:
    """(bytes, accuracy, codec) of the input codecs, by rising bytes."""
    known = accuracies.by_exit[exit_name]
    compared = {pair[0] for pair in known if pair[1] == FLOAT32}
    return sorted(
        (row.size_bytes, float(known[row.codec if row.codec in compared else RAW, FLOAT32]), row.codec)
        for row in accuracies.sizes
        if row.partition_point == 0
    )


def _deepest_exit(axes: Axes, accuracies: CodecAccuracies) -> None:
    deepest = accuracies.exits[-1]
    axes.axhline(deepest.accuracy, color="0.6", linestyle=":", label=f"{deepest.exit} without loss")
    for size_bytes, accuracy, codec in _input_points(accuracies, deepest.exit):
        axes.plot(size_bytes, accuracy, "o", color="#4477aa")
        axes.annotate(codec, (size_bytes, accuracy), (4, 4), textcoords="offset points", fontsize="small")
    sizes = {(row.partition_point, row.codec): row.size_bytes for row in accuracies.sizes}
    for codec in dict.fromkeys(row.activation_codec for row in accuracies.changes):
        points = [
            (sizes[row.partition_point, codec], max(0.0, deepest.accuracy + row.change))
            for row in accuracies.changes
            if (row.exit, row.input_codec, row.activation_codec) == (deepest.exit, RAW, codec)
            and (row.partition_point, codec) in sizes
        ]
        if points:
            axes.plot(*zip(*points, strict=True), "x", label=f"{codec} activations, a point for each cut")
    axes.set_title(f"All codecs, {deepest.exit}")
    axes.legend(frameon=False, fontsize="small", loc="lower right")


def _every_exit(axes: Axes, accuracies: CodecAccuracies) -> None:
    colours = exit_colours(len(accuracies.exits))
    for colour, exit_ in zip(colours, accuracies.exits, strict=True):
        points = _input_points(accuracies, exit_.exit)
        if points:
            sizes, reached, _ = zip(*points, strict=True)
            axes.plot(sizes, reached, "o-", color=colour, label=exit_.exit)
    axes.set_title("Input codecs, every exit")
    if axes.lines:
        axes.legend(frameon=False, fontsize="small", loc="lower right")
