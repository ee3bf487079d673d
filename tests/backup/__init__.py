"""Backups: drills, and archives that are refused (T19)."""
