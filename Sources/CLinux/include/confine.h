#ifndef CLINUX_CONFINE_H
#define CLINUX_CONFINE_H

#include <sys/syscall.h> // the numbers, which Swift's Glibc module hides
#include <sys/types.h>

// A system call, and which bits one of its arguments (counted from 0) must not have; none: whatever its arguments are.
struct clinux_allowed {
    int number;
    int argument;
    unsigned forbidden_bits;
};

// Makes every system call but these fail with EPERM, for good (seccomp filters are programs in classic BPF, which Swift's
// Glibc module lacks). Needs no privilege: no_new_privs is set before. -1 with errno; E2BIG for more than 200 calls.
int clinux_allow_only(const struct clinux_allowed *calls, int count);

// fork(2), which Swift forbids, as threads would be missing in the copy: for programs without any. The copy is killed when
// this process dies, and has nothing open but 0, 1, 2 and these two.
pid_t clinux_fork_bound(int kept, int also);

#endif
