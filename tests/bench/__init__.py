"""Measurements, taken by hand: not part of the test command."""
