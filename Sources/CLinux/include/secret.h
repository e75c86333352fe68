// What keeps a secret from being seen, and turns it into a hash; Swift's Glibc module hides all of it.
#ifndef CLINUX_SECRET_H
#define CLINUX_SECRET_H

#include <stddef.h>

// Neither this process nor one that it starts dumps core, into a file or to a handler.
void clinux_forbid_core_dumps(void);

// Without CAP_SYS_PTRACE no other process sees this one's memory (until an exec).
void clinux_hide_memory(void);

// Keeps the heap, as it is now, out of swap; where RLIMIT_MEMLOCK forbids that, it stays as it is.
void clinux_lock_heap(void);

// Zeroed anonymous memory that is left out of dumps and, when permitted, never swapped; NULL with errno.
void *clinux_secret_map(size_t length);
void clinux_secret_unmap(void *memory, size_t length); // zeroes it first
void clinux_zero(void *memory, size_t length);         // never optimised away

// crypt(3) of a NUL-terminated key; returns 0, or -1 with errno.
int clinux_crypt(const char *key, const char *setting, char *output, size_t output_length);

// getrandom(2); returns 0, or -1 with errno.
int clinux_random(void *bytes, size_t length);

// An empty memfd (CLOEXEC) that can be sealed; a descriptor, or -1 with errno.
int clinux_memfd(const char *name);
// Nothing changes it, its size or these seals any more; returns 0, or -1 with errno.
int clinux_seal(int descriptor);

// Whether that is so, 1 or 0.
int clinux_is_sealed(int descriptor);

// Whether the descriptor's file is in memory alone (tmpfs or ramfs); -1 with errno.
int clinux_is_in_memory(int descriptor);

#endif
