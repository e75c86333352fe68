#ifndef CLINUX_FORK_H
#define CLINUX_FORK_H

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

// fork(2); the child is killed when this process dies.
static inline pid_t fork_bound(void) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it died before the line above
        _exit(1);
    return 0;
}

#endif
