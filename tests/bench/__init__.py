"""Longer measurements, run by hand: `python -m tests.bench.races` and its sisters."""
