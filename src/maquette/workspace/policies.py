"""Files that make other programs act when they are merely there: shown before a merge brings them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_FOLDERS = (
    ".agents", ".aider", ".amazonq", ".bundle", ".cargo", ".circleci", ".claude", ".clinerules", ".codex", ".continue",
    ".cursor", ".devcontainer", ".direnv", ".fleet", ".gemini", ".githooks", ".github/actions", ".github/agents",
    ".github/instructions", ".github/workflows", ".goose", ".husky", ".idea", ".junie", ".kiro", ".opencode", ".roo",
    ".vs", ".vscode", ".windsurf", ".yarn", ".zed", "skills",
)  # fmt: skip

_FILES = (
    ".bash_profile", ".bashrc", ".bazelrc", ".cursorrules", ".dir-locals.el", ".envrc", ".exrc", ".gdbinit",
    ".gitattributes", ".gitconfig", ".github/copilot-instructions.md", ".gitlab-ci.yml", ".gitmodules", ".goosehints",
    ".inputrc", ".irbrc", ".lfsconfig", ".lldbinit", ".lvimrc", ".mcp.json", ".mise.toml", ".npmrc", ".nvim.lua",
    ".nvimrc", ".pnpmfile.cjs", ".pre-commit-config.yaml", ".profile", ".pypirc", ".rprofile", ".tool-versions",
    ".vimrc", ".windsurfrules", ".yarnrc", ".yarnrc.yml", ".zshenv", ".zshrc", "agents.md", "bunfig.toml", "claude.md",
    "gemini.md", "jenkinsfile", "lefthook.yml", "mcp.json", "mise.toml", "opencode.json", "pip.conf",
    "rust-toolchain.toml", "sitecustomize.py", "skill.md", "usercustomize.py",
)  # fmt: skip

_MATCH = re.compile(
    rf"(?:^|/)(?:(?:{'|'.join(map(re.escape, _FOLDERS))})(?:/|$)"
    rf"|(?:{'|'.join(map(re.escape, _FILES))}|\.env(?:\.[^/]*)?|[^/]*\.(?:pth|code-workspace))$)"
)


def policies(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that tell an editor, a shell, git, a package manager or an agent what to do."""
    return tuple(sorted(path for path in paths if _MATCH.search(path.casefold())))


def leads_outside(path: str, target: str) -> bool:
    """Whether a link at `path` (relative to the tree) points out of the tree, or into a `.git`."""
    led = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return target.startswith("/") or led == ".." or led.startswith("../") or ".git" in led.casefold().split("/")
