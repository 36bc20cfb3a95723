"""How a program of ours gets into a process: its code in a file in memory, and a line of text that runs it."""

from __future__ import annotations

import functools
import inspect
import marshal
import os
from types import CodeType, ModuleType
from typing import Any

BOOT = (
    "import marshal,os;codes,arguments=marshal.loads(os.pread({0},1<<20,0));os.close({0});names={{}}\n"
    "for code in codes: exec(code,names)\n"
    "names['main'](*arguments)"
)


@functools.cache
def compiled(*modules: ModuleType) -> tuple[CodeType, ...]:
    """Modules, compiled: reading a file inside would cost the box a folder and the keeper a compilation."""
    sources = [(module.__name__, inspect.getsource(module)) for module in modules]
    return tuple(compile(source, name, "exec", dont_inherit=True) for name, source in sources)


def booted(*modules: ModuleType, arguments: tuple[Any, ...]) -> tuple[str, int]:
    """The text of a program that has the modules in one namespace and calls `main` there; what it reads at first."""
    descriptor = in_memory("program", marshal.dumps((compiled(*modules), arguments)))
    return BOOT.format(descriptor), descriptor


def in_memory(name: str, data: bytes) -> int:
    """A file in memory that holds `data`, at its start."""
    descriptor = os.memfd_create(name)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
