"""The load engine against other clients, on the same bytes: `make bench-load`, explained in docs/load-benchmarks.md."""
