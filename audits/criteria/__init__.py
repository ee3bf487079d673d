"""Audit criteria as files: standards and their editions, the map between them, who is asked."""
