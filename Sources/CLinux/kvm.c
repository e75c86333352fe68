#define _GNU_SOURCE
#include "kvm.h"
#include "fork.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifdef __x86_64__
#include <linux/kvm.h>
#endif

enum { page = 4096, counter_offset = 2048, chunks = 1000, iterations = 2000 };

// The first page is the record, the second the guest's only memory. The guest counts its chunks there, so
// the parent sees progress without the guest having to exit.
struct layout {
    volatile struct clinux_kvm_record record;
    _Alignas(page) volatile uint8_t guest[page];
};

// dec and jnz for every iteration; the few instructions around a chunk are not worth counting.
static const uint64_t chunk_instructions = 2 * iterations;

uint64_t clinux_kvm_total(void) { return chunks * chunk_instructions; }

uint64_t clinux_kvm_chunk(void) { return chunk_instructions; }

void *clinux_kvm_map(void) {
    void *memory = mmap(NULL, sizeof(struct layout), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void clinux_kvm_unmap(void *memory) { munmap(memory, sizeof(struct layout)); }

struct clinux_kvm_record clinux_kvm_read(const void *memory) {
    const struct layout *layout = memory;
    struct clinux_kvm_record record = layout->record;
    uint32_t done;
    memcpy(&done, (const void *)(layout->guest + counter_offset), sizeof done);
    record.instructions = done * chunk_instructions;
    return record;
}

#ifdef __x86_64__

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// 16-bit code at guest address 0.
static const uint8_t code[] = {
    0x66, 0xba, chunks & 0xff, chunks >> 8, 0, 0,         // mov edx, chunks
    0x66, 0xb9, iterations & 0xff, iterations >> 8, 0, 0, // chunk: mov ecx, iterations
    0x66, 0x49,                                           // next: dec ecx
    0x75, 0xfc,                                           // jnz next
    0x66, 0xff, 0x06, counter_offset & 0xff, counter_offset >> 8, // inc dword [counter]
    0x66, 0x4a,                                           // dec edx
    0x75, 0xed,                                           // jnz chunk
    0xf4,                                                 // hlt
};

// The steps in order; returns errno of the one that failed. Async-signal-safe calls only.
static int probe(const char *device, struct layout *layout) {
    volatile struct clinux_kvm_record *record = &layout->record;
    const int kvm = open(device, O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        return errno;

    record->step = clinux_kvm_api_version;
    record->api_version = ioctl(kvm, KVM_GET_API_VERSION, 0);
    if (record->api_version < 0)
        return errno;
    if (record->api_version != KVM_API_VERSION)
        return EPROTO;

    record->step = clinux_kvm_create_vm;
    const int vm = ioctl(kvm, KVM_CREATE_VM, 0);
    if (vm < 0)
        return errno;

    record->step = clinux_kvm_memory;
    memcpy((void *)layout->guest, code, sizeof code);
    // Intel hosts without unrestricted guests need it for real mode; others may refuse it.
    ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000UL);
    struct kvm_userspace_memory_region region = {
        .memory_size = page,
        .userspace_addr = (uintptr_t)layout->guest,
    };
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return errno;

    record->step = clinux_kvm_create_vcpu;
    const int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (size < 0)
        return errno;
    const int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    if (vcpu < 0)
        return errno;
    volatile struct kvm_run *run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED)
        return errno;

    record->step = clinux_kvm_registers;
    struct kvm_sregs segments;
    if (ioctl(vcpu, KVM_GET_SREGS, &segments) < 0)
        return errno;
    segments.cs.base = 0; // the reset vector is at the top of memory, our page at its start
    segments.cs.selector = 0;
    if (ioctl(vcpu, KVM_SET_SREGS, &segments) < 0)
        return errno;
    struct kvm_regs registers = {.rip = 0, .rflags = 2};
    if (ioctl(vcpu, KVM_SET_REGS, &registers) < 0)
        return errno;

    record->step = clinux_kvm_run;
    record->started_ns = now();
    while (ioctl(vcpu, KVM_RUN, 0) < 0)
        if (errno != EINTR && errno != EAGAIN)
            return errno;
    record->ended_ns = now();
    return run->exit_reason == KVM_EXIT_HLT ? 0 : EIO;
}

#else

static int probe(const char *device, struct layout *layout) {
    (void)device;
    layout->record.state = clinux_kvm_foreign;
    return 0;
}

#endif

pid_t clinux_kvm_start(const char *device, void *memory, int done) {
    struct layout *layout = memory;
    const pid_t child = fork_bound();
    if (child != 0)
        return child;
    // Nothing of the parent's stays open here, should the kernel never let this child go.
    if (dup2(done, 0) < 0 || close_range(1, ~0U, 0) < 0)
        for (int descriptor = 1; descriptor < 1024; descriptor++)
            close(descriptor);
    const int error = probe(device, layout);
    layout->record.error = error;
    if (error != 0)
        layout->record.state = clinux_kvm_failed;
    else if (layout->record.state == clinux_kvm_running)
        layout->record.state = clinux_kvm_finished;
    (void)!write(0, "", 1); // before exit, which tears the VM down and may take a while
    _exit(0);
}
