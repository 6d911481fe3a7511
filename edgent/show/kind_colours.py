"""A colour for each kind of layer."""

KIND_COLOURS = {
    "conv": "#4477aa",
    "fc": "#ee6677",
    "maxpool": "#228833",
    "avgpool": "#66aa55",
    "relu": "#ccbb44",
    "lrn": "#66ccee",
    "residual": "#aa3377",
    "run": "#bbbbbb",
    "path": "#000000",
}
OTHER_COLOUR = "#997700"
