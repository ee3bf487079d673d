"""Proof that it is so."""
