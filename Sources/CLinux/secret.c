#define _GNU_SOURCE
#include "secret.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/vfs.h>

int clinux_forbid_core_dumps(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) < 0)
        return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
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

int clinux_is_in_memory(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0)
        return -1;
    return status.f_type == 0x01021994 || status.f_type == 0x858458f6; // TMPFS_MAGIC, RAMFS_MAGIC
}
