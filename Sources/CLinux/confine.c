#define _GNU_SOURCE
#include "confine.h"
#include "fork.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { architecture = AUDIT_ARCH_X86_64, other_abi = 0x40000000 }; // x32 has its own numbers under the same architecture
#elif defined(__aarch64__)
enum { architecture = AUDIT_ARCH_AARCH64, other_abi = 0x7fffffff };
#endif

// The instructions around those of the calls, and of one call.
enum { most = 200, before = 6, each = 6, after = 1 };

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);

int clinux_allow_only(const struct clinux_allowed *calls, int count) {
    if (count < 0 || count > most) {
        errno = E2BIG;
        return -1;
    }
    struct sock_filter program[before + most * each + after];
    int length = 0;
    // A jump counts the instructions it skips, when the comparison holds and when it does not.
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    program[length++] = refuse;
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, other_abi, 0, 1);
    program[length++] = refuse;
    for (int index = 0; index < count; index++) {
        const struct clinux_allowed *call = &calls[index];
        const int is_checked = call->forbidden_bits != 0;
        program[length++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call->number, 0, is_checked ? 4 : 1);
        if (is_checked) {
            // The lower half of the argument: flags are ints. Both architectures are little-endian.
            const unsigned place = (unsigned)offsetof(struct seccomp_data, args) + 8 * (unsigned)call->argument;
            program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place);
            program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, call->forbidden_bits, 0, 1);
            program[length++] = refuse;
        }
        program[length++] = allow;
    }
    program[length++] = refuse;
    const struct sock_fprog whole = {.len = (unsigned short)length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

pid_t clinux_fork_bound(int kept, int also) {
    const pid_t child = fork_bound();
    if (child != 0)
        return child;
    const unsigned first = (unsigned)(kept < also ? kept : also), last = (unsigned)(kept < also ? also : kept);
    if (first > 3)
        close_range(3, first - 1, 0);
    if (last > first + 1)
        close_range(first + 1, last - 1, 0);
    close_range(last + 1, ~0U, 0);
    return 0;
}
