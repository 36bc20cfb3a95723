# pyright: basic, reportMissingImports=false
"""What a file leads to, as far as it is in the project: by reading, nothing is run."""

import ast
import posixpath
import re

PYTHON, WEB = (".py",), (".html", ".htm", ".css", ".js", ".mjs", ".ts", ".jsx", ".tsx", ".vue", ".svelte")
NAMED = re.compile(
    r"""(?:\b(?:src|href|data|poster)\s*=\s*["']([^"'\s]+)["'])
    |(?:url\(\s*["']?([^"')\s]+)["']?\s*\))
    |(?:@import\s+["']([^"']+)["'])
    |(?:\b(?:from|import)\s*\(?\s*["']([^"']+)["'])
    |(?:\brequire\(\s*["']([^"']+)["']\s*\))""",
    re.VERBOSE,
)
ENDINGS = ("", ".js", ".ts", ".mjs", ".jsx", ".tsx", ".css", "/index.js", "/index.ts", "/index.html")


def led_to(path, text, files):
    """The files, of `files`, that the one at `path` names."""
    if path.endswith(PYTHON):
        return _imported(path, text, files)
    if path.endswith(WEB):
        return _named(path, text, files)
    return set()


def _named(path, text, files):
    found = set()
    for groups in NAMED.findall(text):
        name = re.split(r"[?#]", next(filter(None, groups)))[0]
        if not name or re.match(r"[a-z][a-z0-9+.-]*:|//", name):
            continue
        here = "" if name.startswith("/") else posixpath.dirname(path)
        at = posixpath.normpath(posixpath.join(here, name.lstrip("/")))
        found.update({at + ending for ending in ENDINGS} & files)
    return found


def _imported(path, text, files):
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found |= _module(alias.name, files)
        elif isinstance(node, ast.ImportFrom):
            own = posixpath.dirname(path).split("/") if node.level else []
            own = [part for part in own if part][: len(own) - node.level + 1]
            parts = [*own, *(node.module or "").split(".")]
            module = ".".join(part for part in parts if part)
            found |= _module(module, files)
            for alias in node.names:
                found |= _module(f"{module}.{alias.name}", files)
    return found


def _module(name, files):
    """The files of a module and of the packages that it lies in; at the root, or below `src`."""
    parts = name.split(".")
    found = set()
    for root in ("", "src/"):
        at = root + "/".join(parts)
        own = {f"{at}.py", f"{at}/__init__.py"} & files
        if own:
            above = ("/".join(parts[:n]) for n in range(1, len(parts)))
            found |= own | ({f"{root}{folder}/__init__.py" for folder in above} & files)
    return found
