"""The peers side by side. `make bench` and `make bench-quality` run what is here; README.md explains it."""
