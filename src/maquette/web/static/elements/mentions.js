// Files and threads that fit what was typed, as the base knows them where a form's message will go. `puts`: how a message
// names it.
const MOST = 20;

const spaced = (path) => (/\s/.test(path) ? `@"${path}"` : `@${path}`);

export const projectOf = (form) => form?.dataset.project ?? form?.elements.project?.value;

export async function get(path, signal) {
  const answer = await fetch(path, { signal });
  return answer.ok ? answer.json() : null;
}

export async function mentions(form, typed, signal) {
  const thread = form?.dataset.thread ?? "";
  const project = projectOf(form) ?? "";
  const wanted = new URLSearchParams({ q: typed, limit: MOST, ...(thread ? { thread } : project && { project }) });
  const found = await get(`/v1/mentions?${wanted}`, signal);
  return {
    files: (found?.files ?? []).map((path) => ({ name: path, says: "file", puts: spaced(path) })),
    threads: (found?.threads ?? []).map(({ id, title }) => ({ name: title, says: "thread", puts: `@${id}`, id })),
  };
}
