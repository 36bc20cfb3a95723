"""Whether everybody can read and use a page, as axe has it. Colours that were read once aren't read again: on a page
after page, in a test after test, they are the same few.
"""

from __future__ import annotations

from typing import Any, cast

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

WRONG = """async ([read, how, onlyColours]) => {
  if (typeof axe === "undefined") return null;
  const exempt = "[disabled], [aria-disabled], label:has(:disabled)";
  const look = (one) => {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(one);
    const all = [color, fontSize, fontWeight, textShadow, one.closest(exempt) !== null];
    for (let under = one, covered = false; under; under = under.parentElement) {
      const { opacity, filter, mixBlendMode, backgroundColor, backgroundImage, position } = getComputedStyle(under);
      if (opacity + filter + mixBlendMode !== "1nonenormal") all.push(opacity, filter, mixBlendMode);
      if (covered) continue;
      if (backgroundImage !== "none") return undefined;
      if (!backgroundColor.endsWith(", 0)")) all.push(backgroundColor);
      covered = backgroundColor.startsWith("rgb(");
      if (!covered && (position === "absolute" || position === "fixed")) return undefined;
    }
    return all.join(" ");
  };
  const inSight = (one) => {
    const { width, right, bottom } = one.getBoundingClientRect();
    if (width < 2 || right + scrollX <= 0 || bottom + scrollY <= 0) return false;
    return one.checkVisibility({ visibilityProperty: true });
  };
  const looks = new Map(), known = new Set(read);
  for (const one of document.body.querySelectorAll("*")) {
    if (!one.matches("input, select, textarea") && ![...one.childNodes].some((part) => part.data?.trim())) continue;
    if (!inSight(one)) continue;
    const looked = look(one);
    if (!known.has(looked)) looks.set(one, looked);
  }
  const id = "color-contrast", preload = { assets: ["media"] }, wrong = [], now = [];
  if (looks.size) {
    for (const one of looks.keys()) one.dataset.look = "";
    axe.configure({ rules: [{ id, selector: "[data-look]" }] });
    const told = { resultTypes: ["passes", "violations"], elementRef: true, selectors: false };
    const { passes, violations } = await axe.run({ preload, ...told, ...how, runOnly: [id] });
    for (const one of looks.keys()) delete one.dataset.look;
    now.push(...passes.flatMap(({ nodes }) => nodes.map(({ element }) => looks.get(element))).filter(Boolean));
    for (const { nodes, ...rule } of violations) {
      const said = nodes.map(({ html, any }) => ({ html, any: any.map(({ message }) => ({ message })), target: [] }));
      wrong.push({ ...rule, nodes: said });
    }
  }
  if (onlyColours) return [now, wrong];
  const rules = { [id]: { enabled: false } };
  const { violations } = await axe.run({ preload, resultTypes: ["violations"], ...how, rules });
  return [now, [...wrong, ...violations]];
}"""
"""Given the looks that were read before, brings those that were read now, and what is wrong; nothing without axe. A
text's look is all that its contrast is made of; it has none where only the screen knows what is beneath, and is read
each time.
"""

_read = set[str]()
"""In what is everywhere the same: a look that is read is whole in its words. What axe passes over isn't among them."""


def used_by_everybody(page: Page, what: str, *, only_colours: bool = False, **how: Any) -> None:
    asked = [[*_read], how, only_colours]
    if (answer := page.evaluate(WRONG, asked)) is None:
        page.evaluate(AXE_SCRIPT)
        answer = page.evaluate(WRONG, asked)
    read, wrong = answer
    assert not wrong, f"{what}: {cast('Any', AxeResults)({'violations': wrong}).generate_report()}"
    _read.update(read)


def used_by_everybody_in_light_and_dark(page: Page, what: str, **how: Any) -> None:
    """Of what axe looks for, only colours are others in the dark."""
    used_by_everybody(page, what, **how)
    page.emulate_media(color_scheme="dark")
    try:
        used_by_everybody(page, f"{what}, dark", only_colours=True, **how)
    finally:
        page.emulate_media(color_scheme="light")
