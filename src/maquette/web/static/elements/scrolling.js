// Who was at the end of the page stays there, whatever is added.
export function keepAtEnd(change) {
  const page = document.documentElement;
  const atEnd = innerHeight + scrollY >= page.scrollHeight - 80;
  change();
  if (atEnd) scrollTo(0, page.scrollHeight);
}
