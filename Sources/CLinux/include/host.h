// Host facts whose calls Swift's Glibc module hides or cannot express.
#ifndef CLINUX_HOST_H
#define CLINUX_HOST_H

// CPUs this process may be scheduled on (sched_getaffinity), or -1 with errno.
int clinux_affinity_count(void);

// io_uring_setup with `entries`; a descriptor (CLOEXEC), or -1 with errno.
int clinux_io_uring_setup(unsigned entries);

// Whether the device is a CD-ROM drive (CDROM_GET_CAPABILITY), 1 or 0.
int clinux_is_cdrom(int descriptor);

// Whether the file system keeps extended attributes of users'.
int clinux_has_user_attributes(const char *path);

#endif
