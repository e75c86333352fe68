// The listening end of Unix sockets: sockaddr_un and SO_PEERCRED are awkward in Swift, accept4 and ioctl are hidden.
#ifndef CLINUX_LISTEN_H
#define CLINUX_LISTEN_H

#include <sys/types.h>

// A listening stream socket at `path` (non-blocking, CLOEXEC, mode 0600), or -1 with errno: EADDRINUSE when something has
// that name, ENAMETOOLONG when sun_path cannot hold it.
int clinux_listen(const char *path);

// Whether a server listens at `path`: 1, 0, or -1 with errno when that cannot be found out.
int clinux_is_served(const char *path);

// The next connection (non-blocking, CLOEXEC), or -1 with errno.
int clinux_accept(int listener);

// Who is at the other end: who made the connection, or called listen. 0, or -1 with errno.
int clinux_peer(int connection, pid_t *pid, uid_t *uid);

// Bytes written to a Unix stream socket that its other end has not read, with the kernel's overhead; or -1 with errno.
int clinux_unread(int descriptor);

#endif
