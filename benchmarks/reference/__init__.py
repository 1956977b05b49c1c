"""The reference server against the vendor's server of the Durable Streams protocol (docs/reference-benchmarks.md)."""
