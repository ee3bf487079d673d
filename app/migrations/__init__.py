"""Numbered migrations; one head, each with its models."""
