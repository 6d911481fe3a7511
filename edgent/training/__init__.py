"""The only place that imports torch: networks, joint training, export."""
