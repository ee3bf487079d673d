"""Backup and restore: rows, files and keys of an installation in one sealed archive (T19)."""
