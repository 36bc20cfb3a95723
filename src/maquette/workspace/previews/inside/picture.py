# pyright: basic
# (runs in a box, where Pillow may be lacking)
"""A picture no larger than models look at."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from PIL import Image, ImageOps

LONGEST, PIXELS, BYTES = 1568, 80_000_000, 3_750_000
"""Of an edge, since models make larger ones smaller themselves and some refuse them; of what is opened at all; of what
is sent, which becomes 5 MB in base64.
"""
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def read(data: bytes, first: int) -> dict[str, object]:
    """`image` is None where the picture will do as it is."""
    picture = Image.open(BytesIO(data))
    if picture.width * picture.height > PIXELS:
        raise OverflowError
    if max(picture.size) <= LONGEST and len(data) <= BYTES:
        return {"image": None}
    form = picture.format if picture.format in _TYPES else "PNG"
    small = ImageOps.exif_transpose(picture)
    if small.mode not in ("RGB", "RGBA", "L"):
        small = small.convert("RGBA" if "transparency" in small.info else "RGB")
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    written = _written(small, form)
    if len(written) > BYTES:
        form, written = "JPEG", _written(small.convert("RGB"), "JPEG")
    return {"image": {"media_type": _TYPES[form], "data": b64encode(written).decode()}}


def _written(picture, form: str) -> bytes:
    out = BytesIO()
    picture.save(out, form, **({} if form == "PNG" else {"quality": 85}))
    return out.getvalue()
