"""Pictures that reach a model are no larger than models look at, and are made so in a box."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Drawn

from house.homes import a_home, events, rest
from maquette.actions import threads
from maquette.domain.cards import ImageCard
from maquette.domain.events import CallFinished, MessageSent
from maquette.domain.messages import Image
from maquette.testing.models import Call, Calls, Says, ScriptedModels
from maquette.workspace.previews import Previews
from seams.boxes import best

pytestmark = [pytest.mark.anyio, pytest.mark.boxed]


def drawn(width: int, height: int, form: str = "PNG", mode: str = "RGB") -> bytes:
    """With enough noise in it that it doesn't pack."""
    sheet, out = Drawn.new(mode, (width, height), 200), BytesIO()
    dots = random.Random(1).randbytes(20_000)
    sheet.paste(Drawn.frombytes("L", (200, 100), dots).convert(mode), (0, 0))
    sheet.save(out, form)
    return out.getvalue()


def picture(media_type: str, data: bytes) -> Image:
    return Image(media_type=media_type, data=b64encode(data))


def size(image: Image) -> tuple[int, int]:
    return Drawn.open(BytesIO(image.data)).size


async def test_a_large_picture_reaches_the_model_smaller_and_the_person_whole(tmp_path: Path) -> None:
    whole = drawn(3136, 1000)
    sent_along = picture("image/jpeg", drawn(1000, 3136, "JPEG"))
    script = [Calls(Call("read", {"path": "big.png"})), Says("I see.")]
    with ScriptedModels(script) as models:
        async with a_home(tmp_path / "state", models.variables) as home:
            (tmp_path / "state/desk").mkdir(parents=True, exist_ok=True)
            (tmp_path / "state/desk/big.png").write_bytes(whole)
            sent = await threads.start(home, "look", project=None, images=[sent_along])
            await rest(home, sent)
            (said,) = events(home, sent.thread, MessageSent)
            (came,) = events(home, sent.thread, CallFinished)
    assert size(said.images[0]) == (500, 1568)
    assert size(came.images[0]) == (1568, 500)
    assert isinstance(came.card, ImageCard)
    assert came.card.image.data == whole


@pytest.mark.parametrize(
    "made",
    [
        partial(drawn, 1500, 900),
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(50_000),
        partial(drawn, 9_000, 9_000, mode="1"),
    ],
    ids=["small enough", "broken", "a bomb"],
)
async def test_what_needs_no_other_size_or_cannot_be_read_stays_as_it_is(made: Callable[[], bytes]) -> None:
    image = picture("image/png", made())
    assert await Previews(best()).fitting(image) is image


@pytest.mark.parametrize(("form", "mode", "becomes"), [("GIF", "P", "image/png"), ("WEBP", "RGBA", "image/webp")])
async def test_each_type_of_picture_can_be_made_smaller(form: str, mode: str, becomes: str) -> None:
    image = picture(f"image/{form.lower()}", drawn(2000, 1600, form, mode))
    smaller = await Previews(best()).fitting(image)
    assert (size(smaller), smaller.media_type) == ((1568, 1254), becomes)
