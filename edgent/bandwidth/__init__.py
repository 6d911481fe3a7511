"""The bandwidth in history and now: traces, states, change points, forecasts (paper, section IV-C)."""
