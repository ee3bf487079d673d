"""Proof of the rules of document control."""
