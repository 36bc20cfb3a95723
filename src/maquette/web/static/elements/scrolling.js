// Who was at the end of a thread stays there, whatever is added; who wasn't is told (`tells`) that there is more below.
const page = document.documentElement;
const below = document.getElementById("below");
const isAtEnd = (end) => innerHeight + scrollY >= end - 80;

export function keepAtEnd(change, tells = true) {
  if (!document.querySelector("article.thread")) return change();
  const end = page.scrollHeight;
  const stays = isAtEnd(end);
  change();
  const grown = page.scrollHeight;
  if (stays) scrollTo(0, grown);
  else if (tells && below && grown > end) below.hidden = false;
}

below?.addEventListener("click", () => scrollTo(0, page.scrollHeight));
addEventListener("scroll", () => below?.hidden === false && (below.hidden = isAtEnd(page.scrollHeight)), { passive: true });
