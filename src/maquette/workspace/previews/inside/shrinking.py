# pyright: basic
# (runs in a box, where Pillow may be lacking)
"""Makes a smaller picture of a PNG, and tells what it looks like in few pixels: run by its path."""

from __future__ import annotations

import sys
from base64 import b64encode

from PIL import Image

SMALL, LOOK = (480, 300), (32, 20)


def main(large: str, small: str) -> None:
    picture = Image.open(large).convert("RGB")
    top = picture.crop((0, 0, picture.width, min(picture.height, picture.width * 5 // 8)))
    top.resize(SMALL, Image.Resampling.BOX).save(small, "PNG")
    sys.stdout.write(b64encode(picture.resize(LOOK, Image.Resampling.BOX).tobytes()).decode())


if __name__ == "__main__":
    main(*sys.argv[1:3])
