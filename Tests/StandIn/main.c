// Plays QEMU for tests that the real one cannot provoke. Descriptors are those of the real arguments: 3 is the
// QMP channel, 4 the console, 5 the agent, 8 the QMP channel of PID 1's clients. What it does is said in extra arguments:
//
//   --stamp FILE         write CLOCK_MONOTONIC in nanoseconds to FILE first thing, and exit
//   --fail CODE:TEXT     print TEXT to stderr and exit with CODE before the greeting
//   --describe           print what was inherited (signals, descriptors, session, environment) to stderr
//   --orphans N          leave N orphans behind that end at once
//   --orphans-on-usr1 N  the same whenever SIGUSR1 comes
//   --trace FILE         write "EVENT NANOSECONDS" lines to FILE: when the guest ran, when the power button came, when
//                        SHUTDOWN went, when the flood had been taken
//   --flood MIB          once the guest runs, write that much to the console as fast as it is taken
//   --line TEXT          what the flood consists of, instead of the line that it has otherwise
//   --say TEXT           once the guest runs, write TEXT to the console as it is
//   --mute               never greet
//   --ignore-powerdown   do not react to the power button
//   --drip               greet in two bytes at a time
//   --play SCENE         what comes of query-name (the reply is {"name": "me"} in the end):
//       early-event      an event comes before the reply
//       lost-id          an error without an id comes before it
//       unknown-id       a reply to nobody's command comes before it
//       huge             it has 3 MiB
//       vast             it has 5 MiB
//       half             it breaks off in its middle, and the channel is closed
//
// It answers every QMP command with success, powers off on system_powerdown, and ends on quit.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { qmp = 3, console = 4, clients = 8 };

static void send_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        const ssize_t taken = write(descriptor, bytes, count);
        if (taken < 0 && errno == EAGAIN) {
            struct pollfd request = {.fd = descriptor, .events = POLLOUT};
            poll(&request, 1, -1);
        } else if (taken < 0 && errno != EINTR) {
            exit(3);
        } else if (taken > 0) {
            bytes += taken;
            count -= (size_t)taken;
        }
    }
}

static void say(int descriptor, const char *text) { send_all(descriptor, text, strlen(text)); }

static void stamp(const char *path) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dprintf(file, "start %lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    _exit(0);
}

static int trace = -1;

static void note(const char *event) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (trace >= 0)
        dprintf(trace, "%s %lld\n", event, now.tv_sec * 1000000000LL + now.tv_nsec);
}

static void describe(char **environment) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int blocked = 0, ignored = 0, death_signal = 0;
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        blocked += sigismember(&mask, number);
        if (sigaction(number, NULL, &action) == 0)
            ignored += action.sa_handler == SIG_IGN; // exec resets handlers, but not this
    }
    prctl(PR_GET_PDEATHSIG, &death_signal);
    fprintf(stderr, "inherited: blocked=%d ignored=%d session=%d pdeathsig=%d descriptors=", blocked, ignored,
            getsid(0) == getpid(), death_signal);
    for (int descriptor = 0; descriptor < 1024; descriptor++)
        if (fcntl(descriptor, F_GETFD) >= 0)
            fprintf(stderr, "%d,", descriptor);
    fprintf(stderr, " environment=");
    for (; *environment != NULL; environment++)
        fprintf(stderr, "%s,", *environment);
    fprintf(stderr, "\n");
}

static void leave_orphans(int count) {
    // Between this process and each orphan stands one that ends first.
    const pid_t parent = fork();
    if (parent == 0) {
        for (int made = 0; made < count; made++) {
            const pid_t child = fork();
            if (child == 0)
                _exit(0);
            if (child < 0) { // too many at once: let some be collected
                sched_yield();
                made--;
            }
        }
        _exit(0);
    }
    waitpid(parent, NULL, 0);
}

static volatile sig_atomic_t orphans_wanted;
static void want_orphans(int signal) {
    (void)signal;
    orphans_wanted = 1;
}

static const char *flood_line = "[   12.345678] a guest that writes as fast as it can: \x1b[1mbold\x1b[0m and plain\r\n";

static void flood(long mebibytes) {
    static char block[65536];
    const size_t length = strlen(flood_line);
    size_t used = 0;
    for (; used + length <= sizeof block; used += length)
        memcpy(block + used, flood_line, length);
    for (long written = 0; written < mebibytes << 20; written += (long)used)
        send_all(console, block, used);
}

// What the guest does once its CPUs run.
static void run_guest(const char *text, long mebibytes) {
    if (text != NULL)
        say(console, text);
    // The flood has a process of its own, so that the channel is answered while the console is stuck.
    signal(SIGCHLD, SIG_IGN); // it leaves no zombie
    if (mebibytes > 0 && fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        flood(mebibytes);
        note("flooded");
        exit(0);
    }
}

static void answer_name(int channel, const char *scene, long long id) {
    if (strcmp(scene, "early-event") == 0)
        say(channel, "{\"event\": \"NICE\", \"data\": {}}\r\n");
    else if (strcmp(scene, "lost-id") == 0)
        say(channel, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"who?\"}}\r\n");
    else if (strcmp(scene, "unknown-id") == 0)
        say(channel, "{\"return\": {}, \"id\": 77777777777}\r\n");
    else if (strcmp(scene, "half") == 0) {
        say(channel, "{\"return\": {\"na");
        close(channel);
        for (;;)
            pause();
    }
    say(channel, "{\"return\": {\"name\": \"me");
    const int size = strcmp(scene, "huge") == 0 ? 3072 : strcmp(scene, "vast") == 0 ? 5120 : 0;
    for (int kibibytes = 0; kibibytes < size; kibibytes++) {
        char block[1025];
        memset(block, 'x', 1024);
        send_all(channel, block, 1024);
    }
    char end[64];
    snprintf(end, sizeof end, "\"}, \"id\": %lld}\r\n", id);
    say(channel, end);
}

static void greet(int channel, int drips) {
    const char *greeting = "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 99}}}}\r\n";
    const size_t length = strlen(greeting), step = drips ? 2 : length;
    for (size_t sent = 0; sent < length; sent += step)
        send_all(channel, greeting + sent, length - sent < step ? length - sent : step);
}

// An older drover, beside which scripts/bench measures, has one QMP channel alone.
static int has_clients(void) {
    struct stat status;
    return fstat(clients, &status) == 0 && S_ISSOCK(status.st_mode);
}

static int ignores_powerdown, is_running;
static const char *text, *scene = "";
static long mebibytes;

static void answer(int channel, const char *line) {
    const char *id = strstr(line, "\"id\":");
    const long long number = id ? atoll(id + 5) : 0;
    const int powers_off = strstr(line, "system_powerdown") != NULL && !ignores_powerdown;
    char reply[128];
    snprintf(reply, sizeof reply, "{\"return\": {%s}, \"id\": %lld}\r\n",
             strstr(line, "query-status") ? "\"status\": \"running\"" : "", number);
    if (strstr(line, "system_powerdown") != NULL)
        note("powerdown");
    for (int index = 0; powers_off && index < 1 + has_clients(); index++)
        say(index ? clients : qmp,
            "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\r\n");
    if (strstr(line, "\"query-name\"") != NULL)
        answer_name(channel, scene, number);
    else
        say(channel, reply);
    if (powers_off)
        note("shutdown");
    if (powers_off || strstr(line, "\"quit\"") != NULL)
        exit(0);
    if (strstr(line, "query-status") != NULL && !is_running) {
        is_running = 1;
        note("runs");
        run_guest(text, mebibytes);
    }
}

static void hear(int channel, char *buffer, size_t size, size_t *used) {
    const ssize_t got = read(channel, buffer + *used, size - 1 - *used);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0)
        exit(0);
    *used += (size_t)got;
    buffer[*used] = 0;
    for (char *end; (end = strchr(buffer, '\n')) != NULL;) {
        *end = 0;
        answer(channel, buffer);
        *used -= (size_t)(end + 1 - buffer);
        memmove(buffer, end + 1, *used + 1);
    }
}

static void converse(int orphans) {
    static char buffers[2][1 << 18];
    size_t used[2] = {0, 0};
    struct pollfd channels[2] = {{.fd = qmp, .events = POLLIN}, {.fd = has_clients() ? clients : -1, .events = POLLIN}};
    for (;;) {
        if (orphans_wanted) {
            orphans_wanted = 0;
            signal(SIGCHLD, SIG_DFL);
            leave_orphans(orphans);
            note("orphans");
        }
        if (poll(channels, 2, -1) < 0)
            continue;
        for (int index = 0; index < 2; index++)
            if (channels[index].revents != 0)
                hear(channels[index].fd, buffers[index], sizeof buffers[index], &used[index]);
    }
}

int main(int argc, char **argv, char **environment) {
    int is_mute = 0, orphans = 0, drips = 0;
    for (int index = 1; index < argc; index++) {
        if (strcmp(argv[index], "--stamp") == 0)
            stamp(argv[index + 1]);
        else if (strcmp(argv[index], "--fail") == 0) {
            fprintf(stderr, "%s\n", strchr(argv[index + 1], ':') + 1);
            exit(atoi(argv[index + 1]));
        } else if (strcmp(argv[index], "--describe") == 0)
            describe(environment);
        else if (strcmp(argv[index], "--orphans") == 0)
            leave_orphans(atoi(argv[index + 1]));
        else if (strcmp(argv[index], "--orphans-on-usr1") == 0) {
            orphans = atoi(argv[index + 1]);
            // Without SA_RESTART, so that a waiting read returns.
            sigaction(SIGUSR1, &(struct sigaction){.sa_handler = want_orphans}, NULL);
        } else if (strcmp(argv[index], "--trace") == 0)
            trace = open(argv[index + 1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        else if (strcmp(argv[index], "--flood") == 0)
            mebibytes = atol(argv[index + 1]);
        else if (strcmp(argv[index], "--line") == 0)
            flood_line = argv[index + 1];
        else if (strcmp(argv[index], "--say") == 0)
            text = argv[index + 1];
        else if (strcmp(argv[index], "--mute") == 0)
            is_mute = 1;
        else if (strcmp(argv[index], "--ignore-powerdown") == 0)
            ignores_powerdown = 1;
        else if (strcmp(argv[index], "--drip") == 0)
            drips = 1;
        else if (strcmp(argv[index], "--play") == 0)
            scene = argv[index + 1];
    }
    while (is_mute) {
        pause();
        if (orphans_wanted) {
            orphans_wanted = 0;
            leave_orphans(orphans);
            note("orphans");
        }
    }
    greet(qmp, drips);
    if (has_clients())
        greet(clients, drips);
    converse(orphans);
}
