"""Document control: the controlled document, its revisions, their life (ISO 9001:2015, 7.5)."""
