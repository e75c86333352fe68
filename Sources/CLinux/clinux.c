#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// RLIM_INFINITY: as it is. No higher than the hard limit there is, which takes a privilege.
static int limit(int resource, rlim_t value) {
    struct rlimit both;
    if (value == RLIM_INFINITY || getrlimit(resource, &both) < 0 || value >= both.rlim_max)
        return 0;
    both = (struct rlimit){.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &both);
}

// Both can be raised without a privilege. Not being able to is no reason not to run.
static void yield(void) {
    setpriority(PRIO_PROCESS, 0, 10);
    // A child of vfork has a score of its own, though it shares the memory.
    const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0)
        return;
    if (write(score, "1000", 4) < 0) {
    }
    close(score);
}

// Runs in the child on the parent's stack until exec: async-signal-safe calls only, and whatever is
// written to memory is seen by the parent.
static int become(const struct clinux_spawn *request, pid_t parent) {
    if (setsid() < 0)
        return errno;
    if (request->parent_death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) < 0)
            return errno;
        if (getppid() != parent) // it died before the line above
            return ESRCH;
    }

    // Move every source out of the way of the targets first, so that no copy overwrites a source.
    const int count = request->descriptor_count;
    int moved[512];
    if (count > (int)(sizeof moved / sizeof *moved))
        return EMFILE;
    for (int target = 0; target < count; target++) {
        moved[target] = -1;
        if (request->descriptors[target] >= 0) {
            moved[target] = fcntl(request->descriptors[target], F_DUPFD_CLOEXEC, count);
            if (moved[target] < 0)
                return errno;
        }
    }
    for (int target = 0; target < count; target++) {
        if (moved[target] < 0)
            close(target);
        else if (dup2(moved[target], target) < 0)
            return errno;
    }
    // Kernels before 5.9 lack close_range; what a runtime leaked to us is then in the first thousand.
    if (close_range((unsigned)count, ~0U, 0) < 0)
        for (int descriptor = count; descriptor < 1024; descriptor++)
            close(descriptor);

    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int signal = 1; signal < NSIG; signal++) {
        sigaction(signal, &standard, NULL); // fails for SIGKILL, SIGSTOP and libc's own: as they are
        if (request->blocked_signals >> (signal - 1) & 1)
            sigaddset(&blocked, signal);
    }
    sigprocmask(SIG_SETMASK, &blocked, NULL);

    if (request->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return errno;
    if (limit(RLIMIT_NOFILE, request->open_files) < 0 || limit(RLIMIT_AS, request->address_space) < 0)
        return errno;
    if (request->is_expendable)
        yield();
    execve(request->path, request->argv, request->envp);
    return errno;
}

pid_t clinux_spawn(const struct clinux_spawn *request) {
    const pid_t parent = getpid();
    volatile int failure = 0;
    // vfork: no copy of page tables, and the parent learns of a failed exec through shared memory.
    const pid_t child = vfork();
    if (child == 0) {
        failure = become(request, parent);
        _exit(127);
    }
    if (child > 0 && failure != 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
        errno = failure;
        return -1;
    }
    return child;
}

const int clinux_path_only = O_PATH;
const int clinux_unnamed = O_TMPFILE;

void clinux_reset_signals(void) {
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction inherited;
        if (sigaction(signal, NULL, &inherited) < 0)
            continue; // libc's own
        const int is_meant = signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
        if (inherited.sa_handler == SIG_IGN && !is_meant)
            sigaction(signal, &standard, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int clinux_fcntl(int descriptor, int command, int argument) { return fcntl(descriptor, command, argument); }

int clinux_begin_writeback(int descriptor) { return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

int clinux_lock_image(int descriptor) {
    // QEMU: from 100 on a byte for each permission that it has (read, write, write what is there, resize), from 200 on one for
    // each that it shares with nobody.
    enum { held = 100, unshared = 200, permissions = 4 };
    struct flock ours = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = unshared + 1, .l_len = permissions - 1};
    if (fcntl(descriptor, F_OFD_SETLK, &ours) < 0)
        return -1;
    struct flock others = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = held, .l_len = unshared + permissions - held};
    if (fcntl(descriptor, F_OFD_GETLK, &others) < 0)
        return -1;
    if (others.l_type == F_UNLCK)
        return 0;
    errno = EAGAIN;
    return -1;
}

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int clinux_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

const char *clinux_signal_abbreviation(int signal) { return sigabbrev_np(signal); }

const void *clinux_find(const void *text, size_t length, const void *phrase, size_t phrase_length) {
    return memmem(text, length, phrase, phrase_length);
}

char **clinux_environment(void) { return environ; }

void clinux_release_code(void) {
    extern const char __executable_start, etext; // the linker's: first and last of what is mapped read-only
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t start = ((uintptr_t)&__executable_start + page - 1) / page * page;
    const uintptr_t end = (uintptr_t)&etext / page * page;
    madvise((void *)start, end - start, MADV_DONTNEED);
}

static char **arguments;

// The C library calls constructors with main's parameters.
__attribute__((constructor)) static void remember_arguments(int count, char **values) {
    (void)count;
    arguments = values;
}

char **clinux_arguments(void) { return arguments; }
