#define _GNU_SOURCE
#include "listen.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Closes a descriptor for the sake of an error, which is kept.
static int fail(int descriptor)
{
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

static int address(struct sockaddr_un *name, const char *path)
{
    if (strlen(path) >= sizeof name->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    strcpy(name->sun_path, path);
    return 0;
}

int clinux_listen(const char *path)
{
    struct sockaddr_un name;
    if (address(&name, path) < 0)
        return -1;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0)
        return -1;
    // Before bind, which takes the file's mode from the socket: there is no moment in which others may connect.
    if (fchmod(listener, 0600) < 0 || bind(listener, (struct sockaddr *)&name, sizeof name) < 0
        || listen(listener, 64) < 0)
        return fail(listener);
    return listener;
}

int clinux_is_served(const char *path)
{
    struct sockaddr_un name;
    if (address(&name, path) < 0)
        return -1;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return -1;
    int result = connect(probe, (struct sockaddr *)&name, sizeof name);
    int error = errno;
    close(probe);
    // EAGAIN: its backlog is full.
    if (result == 0 || error == EAGAIN)
        return 1;
    if (error == ECONNREFUSED)
        return 0;
    errno = error;
    return -1;
}

int clinux_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_peer(int connection, pid_t *pid, uid_t *uid)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    return 0;
}

int clinux_unread(int descriptor)
{
    int count;
    return ioctl(descriptor, SIOCOUTQ, &count) < 0 ? -1 : count;
}
