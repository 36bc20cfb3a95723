"""A reply to a report in anybody's own words, said again in the plain forms that rules can read.

The model sees what the person said and the forms, and nothing that was read elsewhere. All it can answer is forms,
which go the way of any that the person writes: said back in a sentence, replayed, undone by a word.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson

from maquette.curation.reports.replies import FORMS
from maquette.domain.events import ReplyRead
from maquette.domain.messages import FromPerson
from maquette.kinds.providers import Provider, Request, ToolSpec
from maquette.turn.single import answered_by

WHO = (
    "A person replied to a report about messages. Say what they mean in these plain forms, with their own names and "
    f"words in place of those here, and nothing that they didn't mean: {'; '.join(FORMS)}. Call `mean` once; with no "
    "forms, where none fits."
)
MEAN = ToolSpec(
    "mean",
    "What the person means, in plain forms.",
    {
        "type": "object",
        "properties": {"forms": {"type": "array", "items": {"type": "string"}}},
        "required": ["forms"],
        "additionalProperties": False,
    },
)
MOST, LONGEST = 10, 300
"""Forms of one reply, and characters of each."""


async def reworded(provider: Provider, name: str, reply: str, text: str) -> ReplyRead:
    """Raises `Refused` and `Unavailable`."""
    began = time.monotonic()
    request = Request(name.partition(":")[2], WHO, [FromPerson(text=text)], (MEAN,))
    answered = await answered_by(provider, request)
    found = next((_forms(call.arguments) for call in answered.answer.calls if call.name == MEAN.name), ())
    worked = round(time.monotonic() - began, 3)
    return ReplyRead(reply=reply, model=name, forms=tuple(found), usage=answered.usage, worked=worked)


def _forms(arguments: str) -> Sequence[str]:
    """What fits; an answer that doesn't, means nothing."""
    try:
        forms = list[object](orjson.loads(arguments)["forms"])
    except (ValueError, KeyError, TypeError):
        return ()
    return [" ".join(form.split())[:LONGEST] for form in forms if isinstance(form, str)][:MOST]
