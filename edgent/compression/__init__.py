"""Feature codecs: learned encoders and decoders for what crosses between device and edge.

`edgent compress` makes them. Only the training imports torch: a feature codec is two ONNX files and a record.
"""
