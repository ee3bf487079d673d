"""Upgrades of data that earlier versions left; each archive was made by that very version (T26)."""
