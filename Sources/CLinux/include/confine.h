#ifndef CLINUX_CONFINE_H
#define CLINUX_CONFINE_H

#include <sys/syscall.h> // the numbers, which Swift's Glibc module hides

// Makes every system call but these fail with EPERM, for good (seccomp filters are programs in classic BPF, which Swift's
// Glibc module lacks). Needs no privilege: no_new_privs is set before. -1 with errno; E2BIG for more than 200 calls.
int clinux_allow_only(const int *calls, int count);

#endif
