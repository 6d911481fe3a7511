"""Exit rules on resamples of held-out data: calibrated on one half, judged on the other."""
