"""What a process of x86_64 can still do, tried from inside of it, as root: inside.py PID

Stops it in its waiting, has it make system calls in place of that one, and lets it go on as if nothing had been. Prints for
each call its name and what came back.
"""

import ctypes
import errno
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
ATTACH, DETACH, GETREGS, SETREGS, SINGLESTEP = 16, 17, 12, 13, 9
names = "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs"


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in names.split()]


pid = int(sys.argv[1])


def ptrace(request, data=None):
    if libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def call(number, *arguments):
    now = Registers.from_buffer_copy(waiting)
    # The instruction before the place where it waits is `syscall`.
    now.rip -= 2
    now.rax = number
    now.orig_rax = (1 << 64) - 1
    for name, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments):
        setattr(now, name, value % (1 << 64))
    ptrace(SETREGS, ctypes.byref(now))
    ptrace(SINGLESTEP)
    os.waitpid(pid, 0)
    ptrace(GETREGS, ctypes.byref(now))
    result = ctypes.c_longlong(now.rax).value
    return errno.errorcode.get(-result, str(result)) if result < 0 else "done"


ptrace(ATTACH)
os.waitpid(pid, 0)
waiting = Registers()
ptrace(GETREGS, ctypes.byref(waiting))
with open(f"/proc/{pid}/mem", "rb") as memory:
    memory.seek(waiting.rip - 2)
    assert memory.read(2) == b"\x0f\x05", "it does not wait in a system call"

calls = {
    "write": (1, -1, 0, 0), "mmap": (9, 0, 4096, 3, 0x22, -1, 0), "mmap of code": (9, 0, 4096, 5, 0x22, -1, 0),
    "mprotect": (10, waiting.rsp & ~4095, 4096, 7), "open": (2, waiting.rsp, 0), "openat": (257, -100, waiting.rsp, 0),
    "openat2": (437, -100, waiting.rsp, 0, 0), "creat": (85, waiting.rsp, 0), "execve": (59, waiting.rsp, 0, 0),
    "execveat": (322, -100, waiting.rsp, 0, 0, 0), "socket": (41, 2, 1, 0), "socketpair": (53, 1, 1, 0, waiting.rsp),
    "connect": (42, 3, waiting.rsp, 16), "bind": (49, 3, waiting.rsp, 16), "listen": (50, 3, 1), "fork": (57,),
    "vfork": (58,), "clone": (56, 0, 0), "clone3": (435, 0, 0), "kill": (62, 1, 0), "ptrace": (101, 16, 1),
    "unlink": (87, waiting.rsp), "rename": (82, waiting.rsp, waiting.rsp), "mount": (165, 0, 0, 0, 0, 0),
    "setuid": (105, 0), "chmod": (90, waiting.rsp, 0), "ioctl": (16, 0, 0), "sendmsg": (46, 3, 0, 0),
    "process_vm_writev": (311, 1, 0, 0, 0, 0, 0), "pidfd_getfd": (438, 0, 0, 0), "io_uring_setup": (425, 1, 0),
    "prctl": (157, 4, 1, 0, 0, 0), "bpf": (321, 0, 0, 0),
}
for name, arguments in calls.items():
    print(f"{name}: {call(*arguments)}")
ptrace(SETREGS, ctypes.byref(waiting))
ptrace(DETACH)
