"""The apprentice: answers by rule when no model is connected, and says so.

It matches what the person said to a skill, opens the skill, runs its script with the ordinary tools through the
ordinary loop, runs the project's checks, and reports. It decides each step from the messages alone, as a model would.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from maquette.domain.briefs import when_and_what
from maquette.domain.messages import AnswerPart, Call, FromModel, FromPerson, FromTool, Message, Text, Usage
from maquette.kinds.providers import Answered, Connected, Delta, Request, SkillSpec, TextDelta

SAYS = "By rule, not by a language model: "
SCRIPT_SECONDS = 600
CONNECT = (
    "To have a language model do what rules can't, connect one on the Models page, or by `maquette models "
    "--connect`. Or set OPENAI_API_KEY or ANTHROPIC_API_KEY (or OPENAI_BASE_URL for one on this machine) and name it: "
    '`maquette run --model openai:NAME "…"`.'
)
WORD = re.compile(r"[a-z0-9]+")
NAME = 40
"""Characters of a name that is made from a brief."""
DRAWN = ("write_report",)
"""Tools of whose result faces show every line, so that an answer says only what it begins with."""
HANDED = re.compile(r"^```json\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
FILLER = frozenset(WORD.findall("a an the this that my our your of in on to for and please all me it"))


class _Apprentice:
    """One thread's conversation with the rules."""

    async def stream(self, request: Request) -> AsyncIterator[Delta]:
        step = _step(request)
        for part in step.parts:
            if isinstance(part, Text):
                yield TextDelta(part.text)
        yield Answered(FromModel(parts=step.parts), Usage(price=Decimal(0)), "rules", undone=step.undone)

    async def close(self) -> None:
        pass


class Apprentice:
    """Always there; needs no key and asks nobody."""

    wire = "apprentice"

    def connected(self) -> Connected:
        return Connected(ready=True, detail="Answers by rule; no language model.", is_rules=True)

    def open(self, model: str) -> _Apprentice:
        return _Apprentice()

    def price(self, model: str, usage: Usage) -> Decimal | None:
        return Decimal(0)


PROVIDER = Apprentice()


@dataclass(frozen=True)
class _Step:
    """What comes next. `undone`: it ends here, and what was asked is not done."""

    parts: tuple[AnswerPart, ...]
    undone: bool = False


def _step(request: Request) -> _Step:
    task, since = _task(request.messages)
    came = _came(since)
    results = [result for _, result in came]
    if parts := when_and_what(task):
        return _drafts(request, *parts, results)
    skill = match(task, request.skills)
    if skill is not None and skill.tool and not skill.script:
        return _by_tool(request, skill, results)
    if skill is None or skill.script is None:
        return _Step((Text(text=_able(request.skills)),), undone=True)
    if again := _cut_off(skill, came):
        return _Step(tuple(call.model_copy(update={"id": _id(request, index)}) for index, call in enumerate(again)))
    if not results:
        said = f"{SAYS}this asks for the skill “{skill.name}”. Next come its script and the project's checks."
        return _Step((Text(text=said), _call(request, "skill", {"name": skill.name})))
    if len(results) == 1 and not results[0].error:
        run = command(skill, task, request.checks)
        return _Step((_call(request, "shell", {"command": run, "seconds": SCRIPT_SECONDS}),))
    if results[-1].error and len(results) < 3:
        said = f"{SAYS}the skill “{skill.name}” did not come to its end, so nothing here is done.\n\n{results[-1].text}"
        return _Step((Text(text=said),), undone=True)
    handed = _handed(results[1].text) if skill.tool else None
    if len(results) == 2 and handed is not None:
        return _Step((_call(request, "use_tool", {"name": skill.tool, "arguments": handed}),))
    if handed is not None:
        told = HANDED.sub("", _report(skill, results[1], (), ())).rstrip()
        return _Step((Text(text=f"{told}\n\n{results[2].text}"),), undone=results[2].error)
    if len(results) == 2 and request.checks:
        shells = ({"command": check, "seconds": SCRIPT_SECONDS} for check in request.checks)
        return _Step(tuple(_call(request, "shell", shell, index) for index, shell in enumerate(shells)))
    return _Step((Text(text=_report(skill, results[1], results[2:], request.checks)),))


def _by_tool(request: Request, skill: SkillSpec, results: Sequence[FromTool]) -> _Step:
    if not results:
        said = f"{SAYS}this asks for the skill “{skill.name}”, which the tool `{skill.tool}` does."
        return _Step((Text(text=said), _call(request, "use_tool", {"name": skill.tool, "arguments": {}})))
    came = results[-1]
    said = came.text.partition("\n\n")[0] if skill.tool in DRAWN and not came.error else came.text
    return _Step((Text(text=f"{SAYS}{said}"),), undone=came.error)


def _drafts(request: Request, when: str, brief: str, results: Sequence[FromTool]) -> _Step:
    """What is to be done again and again becomes the draft of an automation."""
    if results:
        return _Step((Text(text=f"{SAYS}{results[-1].text}"),), undone=results[-1].error)
    name = brief if len(brief) <= NAME else f"{brief[: NAME - 1].rstrip()}…"
    said = f"{SAYS}this says when, so it becomes the draft of an automation. You are asked whether it may."
    return _Step((Text(text=said), _call(request, "automate", {"name": name, "brief": brief, "when": when})))


def _task(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    """The person's last words, and what came after them. Words that steer come on top of those that began it."""
    last = max((i for i, m in enumerate(messages) if isinstance(m, FromPerson)), default=-1)
    first = last
    while first > 0 and not (isinstance(before := messages[first - 1], FromModel) and not before.calls):
        first -= 1
    words = [m.text for m in messages[first : last + 1] if isinstance(m, FromPerson)]
    return "\n".join(words), messages[first:]


def match(task: str, skills: Sequence[SkillSpec]) -> SkillSpec | None:
    """The skill whose phrase the task holds most words of; all words of the phrase must be in it."""
    said = set(_words(task))
    best, most = None, 0
    for skill in skills:
        for phrase in (*skill.matches, skill.name):
            wanted = set(_words(phrase))
            if wanted and wanted <= said and len(wanted) > most:
                best, most = skill, len(wanted)
    return best


def _words(text: str) -> list[str]:
    """Small letters, without filler words and the plural's s."""
    return [w[:-1] if len(w) > 3 and w.endswith("s") else w for w in WORD.findall(text.lower()) if w not in FILLER]


def command(skill: SkillSpec, task: str, checks: Sequence[str]) -> str:
    """The shell command that runs a skill's script."""
    options = skill.options.replace("{checks}", " ".join(f"--check {shlex.quote(check)}" for check in checks))
    options = options.replace("{request}", shlex.quote(task))
    script = str(skill.script)
    runner = [sys.executable, script] if script.endswith(".py") else [script]
    return f"{shlex.join(runner)} {options}".strip()


def _came(since: Sequence[Message]) -> list[tuple[Call, FromTool]]:
    """Each call with what came of it; one that was done again, since it had been cut off, as it came out then."""
    calls = {call.id: call for m in since if isinstance(m, FromModel) for call in m.calls}
    came: list[tuple[Call, FromTool]] = []
    for result in (m for m in since if isinstance(m, FromTool)):
        call = calls[result.call]
        alike = (at for at, (one, was) in enumerate(came) if was.lost and _does(one) == _does(call))
        at = next(alike, len(came))
        came[at : at + 1] = [(call, result)]
    return came


def _does(call: Call) -> tuple[str, str]:
    return call.name, call.arguments


def _cut_off(skill: SkillSpec, came: Sequence[tuple[Call, FromTool]]) -> list[Call]:
    """What may be done again of what was cut off: the script, where its skill says so, and the checks after it."""
    return [
        call
        for at, (call, result) in enumerate(came)
        if result.lost and call.name == "shell" and (at > 1 or skill.again)
    ]


def _call(request: Request, name: str, arguments: Mapping[str, object], index: int = 0) -> Call:
    return Call(id=_id(request, index), name=name, arguments=json.dumps(arguments, ensure_ascii=False))


def _id(request: Request, index: int) -> str:
    made = sum(len(m.calls) for m in request.messages if isinstance(m, FromModel))
    return f"rule_{made + index + 1}"


def _able(skills: Sequence[SkillSpec]) -> str:
    ready = [
        f"- **{skill.name}**: {skill.when} Say, for example: “{skill.matches[0]}”."
        for skill in skills
        if (skill.script or skill.tool) and skill.matches
    ]
    return "\n".join([f"{SAYS}nothing here matches that. What rules can do:", "", *ready, "", CONNECT])


def _report(skill: SkillSpec, script: FromTool, checks: Sequence[FromTool], commands: Sequence[str]) -> str:
    told = [f"{SAYS}here is what the script of “{skill.name}” says.", "", _report_in(script.text)]
    if checks:
        failed = [command for command, check in zip(commands, checks, strict=False) if check.error]
        told += [
            "",
            f"Checks that fail now: {', '.join(failed)}."
            if failed
            else f"The project's checks pass: {', '.join(commands)}.",
        ]
    return "\n".join(told)


def _handed(output: str) -> object:
    """What a script prints at its end, as JSON between fences, for the skill's tool; None: nothing."""
    blocks = HANDED.findall(output)
    try:
        return json.loads(blocks[-1]) if blocks else None
    except ValueError:
        return None


def _report_in(output: str) -> str:
    """What a script printed, without its progress before the report's first heading and the shell's last line."""
    return re.sub(r"\n\[[^\n]*\]\s*$", "", output[max(output.find("# "), 0) :]).rstrip()
