"""A picture with what it shows."""

from __future__ import annotations

from base64 import b64encode

import htpy as h

from maquette.domain.cards import ImageCard
from maquette.domain.messages import Image


def draw(card: ImageCard) -> h.Element:
    return h.figure(".picture")[picture(card.image, card.alt), h.figcaption[card.alt]]


def picture(image: Image, alt: str) -> h.VoidElement:
    return h.img(src=f"data:{image.media_type};base64,{b64encode(image.data).decode()}", alt=alt, loading="lazy")
