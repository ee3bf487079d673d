"""Photos as phones make them, and files that only pretend to be some."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def a_photo(width: int = 320, height: int = 240, kind: str = "JPEG", **more: object) -> bytes:
    """Make a real picture, with what a camera writes beside it where asked."""
    picture = Image.new("RGB", (width, height), (23, 99, 56))
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def with_place(width: int = 320, height: int = 240) -> bytes:
    """Make a photo that says where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010F] = "Máy của Bùi Thị Lan"
    exif[0x8825] = {1: "N", 2: (10.0, 46.0, 32.0)}
    return a_photo(width, height, exif=exif, comment=b"21.0278,105.8342")


def promising(width: int, height: int) -> bytes:
    """Make a small PNG that promises a picture of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


A_PHOTO = ("anh.jpg", a_photo())
