"""Files that make other programs act when they are merely there: shown before a merge brings them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_FOLDERS = (
    ".agents", ".aider", ".circleci", ".claude", ".codex", ".cursor", ".devcontainer", ".direnv", ".fleet", ".gemini",
    ".githooks", ".github/workflows", ".github/actions", ".husky", ".idea", ".kiro", ".roo", ".vscode", ".windsurf",
    ".zed", "skills",
)  # fmt: skip

_FILES = (
    ".bazelrc", ".cursorrules", ".envrc", ".gitattributes", ".gitconfig", ".gitlab-ci.yml", ".gitmodules", ".lfsconfig",
    ".mcp.json", ".mise.toml", ".npmrc", ".pnpmfile.cjs", ".pre-commit-config.yaml", ".pypirc", ".tool-versions",
    ".windsurfrules", ".yarnrc", ".yarnrc.yml", "agents.md", "claude.md", "gemini.md", "jenkinsfile", "lefthook.yml",
    "mcp.json", "mise.toml", "pip.conf", "sitecustomize.py", "skill.md", "usercustomize.py",
)  # fmt: skip

_MATCH = re.compile(
    rf"(?:^|/)(?:(?:{'|'.join(map(re.escape, _FOLDERS))})/"
    rf"|(?:{'|'.join(map(re.escape, _FILES))}|\.env(?:\.[^/]*)?|[^/]*\.pth)$)"
)


def policies(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that tell an editor, a shell, git, a package manager or an agent what to do."""
    return tuple(sorted(path for path in paths if _MATCH.search(path.casefold())))


def leads_outside(path: str, target: str) -> bool:
    """Whether a link at `path` (relative to the tree) points out of the tree, or into a `.git`."""
    led = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return target.startswith("/") or led == ".." or led.startswith("../") or ".git" in led.casefold().split("/")
