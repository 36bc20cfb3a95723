"""The attempts: plain scripts for any sandbox. None does lasting harm to a host on which it succeeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from maquette.testing.escapes.ground import CANARY, SETTING, Ground

GotOut = Callable[[Ground, str], bool]
"""Told by the state of the host, and what was said."""


@dataclass(frozen=True)
class Attempt:
    """`row`: of the promises. `script`: for bash, in the folder that may be written; `plain`: in one without a repo."""

    row: str
    name: str
    script: str
    got_out: GotOut
    plain: bool = False


def changed(ground: Ground, _: str) -> bool:
    return ground.is_changed()


def told(_: Ground, said: str) -> bool:
    return CANARY in said


def done(_: Ground, said: str) -> bool:
    """What leaves no trace on the host: it says so itself."""
    return "GOT-OUT" in said  # never whole in a script: a shell may quote that when a program in it is ended


def called(name: str) -> GotOut:
    return lambda ground, _: ground.was_called(name)


def odd(ground: Ground, _: str) -> bool:
    return bool(ground.odd())


def left(ground: Ground, _: str) -> bool:
    return bool(ground.alive())


def killed(ground: Ground, _: str) -> bool:
    return ground.bystander.poll() is not None


def set_otherwise(ground: Ground, _: str) -> bool:
    return SETTING.read_text() != ground.setting


def planted(ground: Ground, _: str) -> bool:
    return (ground.plain / ".git" / "config").exists()


def huge(ground: Ground, _: str) -> bool:
    return max((path.stat().st_size for path in ground.tree.glob("huge*")), default=0) >= 10 << 30


WRITES = (
    ("by absolute path", "echo x > $OUT/secret; echo x > $OUT/new"),
    ("by `..`", "echo x > ../outside/secret; echo x > ../outside/new"),
    ("by a symbolic link", "ln -s $OUT/secret link; echo x > link; ln -s $OUT up; echo x > up/new"),
    ("by a hard link", "ln $OUT/secret twin && echo x > twin"),
    ("through /proc/self/root", "echo x > /proc/self/root$OUT/secret; echo x > /proc/self/cwd/../outside/new"),
    ("through /proc/1/root", "echo x > /proc/1/root$OUT/secret; echo x > /proc/$PPID/root$OUT/new"),
    ("by removing or renaming", "rm -rf $OUT/* ../outside; mv $OUT/secret $OUT/other"),
)

READS = (
    ("a file outside", "cat $OUT/secret ../outside/secret /proc/1/root$OUT/secret"),
    ("the keys of the home", "cat $HOST_HOME/.ssh/*"),
    ("the base's token and database", "cat $STATE/*"),
    ("the environment of the host's processes", "cat /proc/*/environ /proc/$HOST_PID/environ | tr '\\0' '\\n'"),
    ("descriptors handed on", "cat /proc/self/fd/[3-9]* /proc/$PPID/fd/* /proc/1/fd/*"),
)

GIT = (
    ("a hook, the settings", "echo x > .git/hooks/pre-commit; echo x >> .git/config; git config core.fsmonitor x"),
    ("renaming `.git`", "mv .git gone && mkdir .git && echo x > .git/config"),
    ("a pointer in its place", "rm -rf .git; echo 'gitdir: /tmp' > .git"),
    ("`commondir`, new files", "echo /tmp > .git/commondir; echo x > .git/config.worktree; echo x > .git/info/x"),
    ("the `.git` of a repo within", "echo x > vendor/lib/.git/hooks/pre-commit; echo x >> vendor/lib/.git/config"),
    ("a repo within, moved away", "mv vendor gone && mkdir -p vendor/lib/.git && echo x > vendor/lib/.git/config"),
)

POWERS = (
    ("writing at the root", "[ -w / ] || mount -o remount,rw,bind /; [ -w / ] && echo GOT-'OUT'"),
    ("mounting", "mount -t tmpfs none $OUT/folder && echo GOT-'OUT'"),
    ("a user namespace", "unshare -Ur true && echo GOT-'OUT'"),
    ("a namespace of process 1", "nsenter -t 1 -m true && echo GOT-'OUT'; nsenter -t 1 -n true && echo GOT-'OUT'"),
    ("changing the root", "chroot / true && echo GOT-'OUT'"),
)

CALL = """python3 -I - <<'END'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(4096)
def call(*words):
    result = libc.syscall(*(ctypes.c_long(w) if isinstance(w, int) else w for w in words))
    if result >= 0 or ctypes.get_errno() not in (1, 13, 38, 97):
        print("GOT" + "-OUT", words[0], result, os.strerror(ctypes.get_errno()))
{body}
END"""

CALLS = (
    ("ptrace", "call(101, 16, os.getppid(), 0, 0); call(101, 0x4206, os.getppid(), 0, 0)"),
    ("process_vm_readv", "call(310, os.getppid(), room, 0, room, 0, 0)"),
    ("io_uring", "call(425, 8, room)"),
    ("bpf", "call(321, 0, room, 72)"),
    ("perf_event_open", "call(298, room, 0, -1, -1, 0)"),
    ("userfaultfd", "call(323, 1)"),
    ("keyctl", "call(250, 0, -3, 1); call(248, b'user', b'a', b'b', 1, -3)"),
    ("TIOCSTI", "leader, follower = os.openpty(); call(16, follower, 0x5412, b'x')"),
    ("TIOCSTI with high bits", "leader, follower = os.openpty(); call(16, follower, 1 << 32 | 0x5412, b'x')"),
    ("clone with a new user namespace", "call(56, 0x10000000 | 0x40000000, 0, 0, 0, 0)"),
    ("open_by_handle_at", "call(304, 0, room, 0)"),
    ("the table of x32", "call(0x40000000 | 39)"),
)

INT80 = """python3 -I - <<'END'
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
if ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() > 0:
    print("GOT" + "-OUT")
END"""

REACH = """python3 -I - <<'END'
import os, socket
s = socket.socket(socket.{family}, socket.{kind})
s.settimeout(2)
s.connect({address})
s.send(b"x")
END"""

REACHES = (
    ("TCP", "tcp", "AF_INET", "SOCK_STREAM", '("127.0.0.1", int(os.environ["TCP"]))'),
    ("TCP over IPv6", "tcp6", "AF_INET6", "SOCK_STREAM", '("::1", int(os.environ["TCP6"]))'),
    ("UDP", "udp", "AF_INET", "SOCK_DGRAM", '("127.0.0.1", int(os.environ["UDP"]))'),
    ("an abstract UNIX socket", "abstract", "AF_UNIX", "SOCK_STREAM", '"\\0" + os.environ["ABSTRACT"]'),
    ("a UNIX socket outside", "outside", "AF_UNIX", "SOCK_STREAM", 'os.environ["OUT"] + "/s"'),
    ("a UNIX socket in the folder", "inside", "AF_UNIX", "SOCK_STREAM", '"s"'),
    ("one that was bound from there", "relative", "AF_UNIX", "SOCK_STREAM", '"r"'),
)

SOCKETS = (("netlink", 16), ("packet", 17), ("the kernel's ciphers", 38), ("vsock", 40))

SURVIVE = "(setsid nohup bash -c 'exec -a $MARK-left sleep 60' >/dev/null 2>&1 &)"

MANY = """python3 -I - <<'END'
import os, time
children = []
try:
    for _ in range(2000):
        children.append(os.fork())
        if not children[-1]:
            time.sleep(20)
            os._exit(0)
    print("GOT" + "-OUT")
except OSError:
    pass
for child in children:
    os.kill(child, 9)
END"""

ATTEMPTS = (
    *(Attempt("E1", f"write outside {name}", script, changed) for name, script in WRITES),
    *(Attempt("E2", f"read {name}", script, told) for name, script in READS),
    *(Attempt("E3", name, script, changed) for name, script in GIT),
    Attempt("E3", "a `.git` where there was none", "git init -q . ; echo x >> .git/config", planted, plain=True),
    *(Attempt("E6", name, script, done) for name, script in POWERS),
    Attempt("E6", "a set-id bit", "cp /bin/true t; chmod u+s t; chmod g+s t; install -m 6755 t t2", odd),
    Attempt("E6", "a device", "mknod disk b 8 0; mknod null c 1 3", odd),
    Attempt("E6", "a setting of the kernel", "v=$(cat $SETTING); echo $((v + 1)) > $SETTING", set_otherwise),
    *(Attempt("E7", name, CALL.replace("{body}", body), done) for name, body in CALLS),
    Attempt("E7", "the table of 32-bit programs", INT80, done),
    *(Attempt("E8", name, REACH.format(family=f, kind=k, address=a), called(to)) for name, to, f, k, a in REACHES),
    *(
        Attempt("E8", f"a socket for {name}", CALL.replace("{body}", f"call(41, {family}, 3, 0)"), done)
        for name, family in SOCKETS
    ),
    Attempt("E10", "signal a process of the host", "kill -9 $HOST_PID", killed),
    Attempt("E10", "live on after the command", SURVIVE, left),
    Attempt("E11", "2,000 processes", MANY, done),
    Attempt("E11", "a file of 10 GB", "truncate -s 10G huge", huge),
    Attempt("E14", "a capability", "grep -q '^CapEff:.*[1-9a-f]' /proc/self/status && echo GOT-'OUT'", done),
)
