#define _GNU_SOURCE
#include "secret.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

void clinux_forbid_core_dumps(void) {
    // What a dump has of the memory, should there be one all the same: nothing (core(5), coredump_filter).
    const int filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    if (filter >= 0) {
        (void)!write(filter, "0", 1);
        close(filter);
    }
    // A handler (core_pattern with a pipe) is started whatever the limit is, but for 1, at which the kernel takes it for one
    // that crashes itself; and a file is at least a page (fs/coredump.c). Where the hard limit is 0 already, 0 it is.
    const struct rlimit one = {1, 1}, none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &one) < 0)
        setrlimit(RLIMIT_CORE, &none);
}

void clinux_hide_memory(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void clinux_lock_heap(void) {
    static char *locked_end;
    char *end = sbrk(0);
    if (end == locked_end)
        return;
    locked_end = end; // tried once
    const size_t length = mallinfo2().arena; // of one thread: all that malloc has, less what it has mapped
    mlock(end - length, length);
}

// What takes the place of free in the program that is shipped, which scripts/build links with --wrap=free: whatever held a
// password, a copy of a copy that nobody knows of, is zeroed when it is given back.
void __libc_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory) {
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
}

void *clinux_secret_map(size_t length) {
    void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    mlock(memory, length); // RLIMIT_MEMLOCK may be 0
    madvise(memory, length, MADV_DONTDUMP);
    return memory;
}

void clinux_secret_unmap(void *memory, size_t length) {
    explicit_bzero(memory, length);
    munmap(memory, length);
}

void clinux_zero(void *memory, size_t length) { explicit_bzero(memory, length); }

int clinux_crypt(const char *key, const char *setting, char *output, size_t output_length) {
    struct crypt_data data; // 32 KiB
    memset(&data, 0, sizeof data);
    const char *hash = crypt_r(key, setting, &data);
    int error = 0;
    // A failure may be told by a token that no hash equals, `*0` or `*1`.
    if (hash == NULL || hash[0] == '*')
        error = errno != 0 ? errno : EINVAL;
    else if (strlen(hash) >= output_length)
        error = ERANGE;
    else
        memcpy(output, hash, strlen(hash) + 1);
    explicit_bzero(&data, sizeof data);
    errno = error;
    return error == 0 ? 0 : -1;
}

int clinux_random(void *bytes, size_t length) {
    const ssize_t got = getrandom(bytes, length, 0);
    if (got < 0)
        return -1;
    if ((size_t)got < length) { // never for 256 bytes or fewer
        errno = EINTR;
        return -1;
    }
    return 0;
}

int clinux_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int clinux_seal(int descriptor) {
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

int clinux_is_sealed(int descriptor) {
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    const int seals = fcntl(descriptor, F_GET_SEALS);
    return seals >= 0 && (seals & wanted) == wanted;
}

int clinux_is_in_memory(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0)
        return -1;
    return status.f_type == 0x01021994 || status.f_type == 0x858458f6; // TMPFS_MAGIC, RAMFS_MAGIC
}
