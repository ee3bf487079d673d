"""The demo body."""
