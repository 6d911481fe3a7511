"""A page of what a device does, drawn by Bokeh: live from its server, or of a recording in one file."""
