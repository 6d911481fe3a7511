"""A pipeline out of an ONNX file and photos: what `edgent new` finds out and writes."""
