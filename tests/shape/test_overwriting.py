"""What removes, moves or overwrites files does so in `workspace/`, where tests/faults holds it to lose nothing."""

from __future__ import annotations

from faults.ways import sites

ELSEWHERE = {
    ("actions/archives.py", "_Unpacking._write"): "a file of a folder that it made, to become a state",
    ("actions/archives.py", "packing"): "the backup that it writes, beside its place until it is whole",
    ("actions/backups.py", "_put_aside"): "a state that the person wants aside, whole",
    ("actions/backups.py", "_swap"): "an empty state, exchanged for the one restored",
    ("actions/backups.py", "restore"): "what it unpacked, where it can't be restored",
    ("actions/given.py", "_kept"): "a file that a person gives, in a place that nothing has yet",
    ("cli/endings.py", "mistake"): "adds to the log of the command line",
    ("cli/exports.py", "_write"): "the export that it writes, beside its place until it is whole",
    ("cli/settled.py", "_pictures"): "pictures, in places that nothing has yet",
    ("cli/starting.py", "start"): "adds to the base's log",
    ("cli/starting.py", "_log"): "puts the base's log aside when it has grown",
    ("connections/owned.py", "put"): "a small file of the state, beside its place until it is whole",
    ("sandboxes/keeper/booting.py", "in_memory"): "a file in memory",
    ("sandboxes/keeper/cgroups.py", "Group.remove"): "a group of processes",
    ("sandboxes/keeper/cgroups.py", "make"): "a group of processes",
    ("sandboxes/keeper/folders.py", "Own.remove"): "the home that it made for a box",
    ("sandboxes/keeper/folders.py", "clear"): "homes of boxes whose base is gone",
    ("sandboxes/keeper/syscalls.py", "exported"): "a file in memory",
    ("tools/commands/capture.py", "Capture._store"): "the output of a command, in a folder of the base's own",
    ("turn/compaction.py", "keep"): "a long result, in a folder of the base's own",
    ("web/launches.py", "Launches.__init__"): "files of codes that a former base left",
    ("web/launches.py", "Launches._spend"): "the file of a code",
    ("web/listening.py", "Listening.close"): "the base's socket",
    ("web/listening.py", "_unix"): "the base's socket",
}
"""Where else it is done, and to what: never to a tree."""


def test_trees_are_removed_moved_and_overwritten_in_the_workspace_alone() -> None:
    outside = {place for place in sites() if not place[0].startswith("workspace/")}
    assert outside == set(ELSEWHERE), "do it in workspace/, or say here what it is done to"
