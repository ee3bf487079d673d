"""Keys of pages as they stand in addresses: whole numbers, anything else is nothing."""


def whole(text: str | None) -> int | None:
    """Give the whole number an address names; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
