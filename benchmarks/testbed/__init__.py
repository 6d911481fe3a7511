"""A testbed without hardware: an edge and a device on a shaped link, the device's CPU slowed down.

`python -m benchmarks.testbed --rate-kbps 500 --slowdown 30 -- COMMAND` runs a command on the device;
`benchmarks.testbed.testbed.Testbed` does the same from Python. See docs/laboratory/testbed.md.
"""
