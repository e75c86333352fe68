#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <linux/cdrom.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int clinux_affinity_count(void) {
    // The kernel refuses a set smaller than its own; the largest it can be built with is 8192 CPUs.
    union {
        cpu_set_t first;
        unsigned char all[8192 / 8];
    } set;
    if (sched_getaffinity(0, sizeof set, &set.first) < 0)
        return -1;
    return CPU_COUNT_S(sizeof set, &set.first);
}

int clinux_io_uring_setup(unsigned entries) {
    // struct io_uring_params, whose header old distributions lack; all zero asks for nothing special.
    unsigned char parameters[120] = {0};
    return (int)syscall(SYS_io_uring_setup, entries, parameters);
}

int clinux_is_cdrom(int descriptor) { return ioctl(descriptor, CDROM_GET_CAPABILITY, 0) >= 0; }

int clinux_has_user_attributes(const char *path) {
    return getxattr(path, "user.virtfs.uid", NULL, 0) >= 0 || errno != EOPNOTSUPP;
}
