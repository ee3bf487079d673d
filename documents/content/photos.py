"""Photos of posted pages: drawn anew in the limited child, so that only what one sees stays.

What a camera writes beside the picture (place, device, owner) is left behind with the old bytes.
"""

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

from documents.content.intake import Reason, Refused

__all__ = ["MOST_SIDE", "redrawn"]
MOST_SIDE: Final = 1_600
MOST_POINTS: Final = 40_000_000
_KINDS: Final = (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile)
_FORMATS: Final = ("JPEG", "PNG")


def redrawn(path: Path) -> bytes:
    """Return a JPEG of the same picture, at most 1600 points wide or high; Refused when none."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if not isinstance(picture, _KINDS):
                raise Refused(Reason.WRONG_TYPE)
            if picture.width * picture.height > MOST_POINTS:
                raise Refused(Reason.TOO_COMPLEX, f"{picture.width} x {picture.height}")
            picture.draft("RGB", (MOST_SIDE, MOST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            plain = upright.convert("RGB")
    except UnidentifiedImageError:
        raise Refused(Reason.WRONG_TYPE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(Reason.TOO_COMPLEX, str(error)[:200]) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused(Reason.DAMAGED, str(error)[:200]) from None
    plain.thumbnail((MOST_SIDE, MOST_SIDE))
    out = io.BytesIO()
    Image.frombytes("RGB", plain.size, plain.tobytes()).save(out, "JPEG", quality=82)
    return out.getvalue()
