"""Proof that files are read, refused, compared, drawn and stamped as promised."""
