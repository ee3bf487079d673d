"""Proof of the rules of internal audit."""
