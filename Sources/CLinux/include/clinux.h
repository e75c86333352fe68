// What Swift cannot express: variadic system calls, and the window between fork and exec, where no
// Swift code may run. Declarations that Swift's Glibc module hides come in with the headers.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/wait.h>

// What a child is to be. Its descriptors 0 … descriptor_count-1 are copies of `descriptors` in that
// order (-1 leaves a number closed); every other descriptor is closed.
struct clinux_spawn {
    const char *path;
    char *const *argv;
    char *const *envp;
    const int *descriptors;
    int descriptor_count;
    int parent_death_signal;
    uint64_t blocked_signals; // its mask: signal n is bit n - 1
    uint64_t open_files;    // RLIMIT_NOFILE; UINT64_MAX: as it is
    uint64_t address_space; // RLIMIT_AS, bytes; the same
    int no_new_privileges;
    int is_expendable; // nice and oom_score_adj are raised
};

// Starts a child in a session of its own, with default signal dispositions.
// Returns its pid, or -1 with errno of the step that failed (exec included).
pid_t clinux_spawn(const struct clinux_spawn *request);

// O_PATH, whose macro Swift cannot see.
extern const int clinux_path_only;
extern const int clinux_unnamed; // O_TMPFILE

// Gives this process the default disposition of every signal and an empty mask, whatever it inherited. SIGHUP, SIGINT and
// SIGQUIT stay ignored where they are: nohup and a shell's & mean that.
void clinux_reset_signals(void);

int clinux_open(const char *path, int flags, mode_t mode);
int clinux_fcntl(int descriptor, int command, int argument);
int clinux_begin_writeback(int descriptor); // Of the whole file; a GNU function.
// Takes an image for this process as QEMU's file-posix.c would to be the only one that may write it: no QEMU opens it for more
// than reading until the descriptor is closed. -1 with EAGAIN when one has it open. fcntl(2) is variadic.
int clinux_lock_image(int descriptor);
int clinux_become_subreaper(void);
int clinux_pipe(int descriptors[2]); // CLOEXEC
const char *clinux_signal_abbreviation(int signal); // "TERM"; NULL when it has none
char **clinux_environment(void); // environ, which Swift 6 takes for a data race
char **clinux_arguments(void); // main's argv; Swift's own way to it reads /proc/self/maps

// Takes the program's code out of this process's resident memory; what is executed again comes back from the page cache.
void clinux_release_code(void);

const void *clinux_find(const void *text, size_t length, const void *phrase, size_t phrase_length); // memmem

#endif
