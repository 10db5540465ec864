"""One file a library; each is run by the Python of its own environment, `python -m benchmarks.libraries.NAME`."""
