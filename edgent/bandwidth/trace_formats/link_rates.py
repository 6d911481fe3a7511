"""Mean bandwidths that links have, outages aside: what a trace is taken for has to be among them."""

LEAST_BPS = 1e3
MOST_BPS = 500e6
"""Where a file does not say its unit."""
MOST_SAID_BPS = 2e9
"""Where a column's name says it: quicker than the mean of any mobile link."""
