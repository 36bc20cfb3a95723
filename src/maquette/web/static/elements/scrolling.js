// Who was at the end of a thread stays there, whatever is added.
export function keepAtEnd(change) {
  const page = document.documentElement;
  const atEnd = document.querySelector("article.thread") && innerHeight + scrollY >= page.scrollHeight - 80;
  change();
  if (atEnd) scrollTo(0, page.scrollHeight);
}
