"""Benchmarks of the main jobs, each beside the floor no program of this kind gets under (docs/performance.md)."""
