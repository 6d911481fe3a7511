"""What both sides share and every archive carries: segments, frames and codecs."""
