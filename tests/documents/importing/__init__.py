"""Tests of bringing in what a body has (a52, a53, L11)."""
