#define _GNU_SOURCE
#include "confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
enum { architecture = AUDIT_ARCH_X86_64, other_abi = 0x40000000 }; // x32 has its own numbers under the same architecture
#elif defined(__aarch64__)
enum { architecture = AUDIT_ARCH_AARCH64, other_abi = 0x7fffffff };
#endif

enum { most = 200, before = 5, after = 2 };

int clinux_allow_only(const int *calls, int count) {
    if (count < 0 || count > most) {
        errno = E2BIG;
        return -1;
    }
    struct sock_filter program[before + most + after];
    int length = 0;
    // A jump counts the instructions it skips; the refusal is next to last, the permission last.
    const int end = before + count;
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[length] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    length++;
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    program[length] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, other_abi, (unsigned char)(end - length - 1), 0);
    length++;
    for (int index = 0; index < count; index++) {
        program[length] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[index], (unsigned char)(end - length), 0);
        length++;
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog whole = {.len = (unsigned short)length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}
