// The KVM speed probe: a micro-guest that runs in a forked child, so that a KVM that hangs takes nothing
// with it. In C because no Swift code may run between fork and exit.
#ifndef CLINUX_KVM_H
#define CLINUX_KVM_H

#include <stdint.h>
#include <sys/types.h>

enum clinux_kvm_step {
    clinux_kvm_open = 0,
    clinux_kvm_api_version,
    clinux_kvm_create_vm,
    clinux_kvm_memory,
    clinux_kvm_create_vcpu,
    clinux_kvm_registers,
    clinux_kvm_run,
};

enum clinux_kvm_state {
    clinux_kvm_running = 0,
    clinux_kvm_finished,
    clinux_kvm_failed,  // at `step`, with `error`
    clinux_kvm_foreign, // not built for x86_64: nothing was tried
};

// What the child found; it is written while the parent reads.
struct clinux_kvm_record {
    int32_t state;
    int32_t step;
    int32_t error; // errno
    int32_t api_version;
    uint64_t started_ns; // CLOCK_MONOTONIC, 0 until the guest runs
    uint64_t ended_ns;   // 0 until it halted
    uint64_t instructions;
};

// Instructions the guest executes when it is let, and the resolution in which it counts them.
uint64_t clinux_kvm_total(void);
uint64_t clinux_kvm_chunk(void);

// Shared anonymous memory for one probe, or NULL with errno.
void *clinux_kvm_map(void);
void clinux_kvm_unmap(void *memory);

// Forks the child that probes `device`; it writes one byte to `done` when it has a result. Returns its pid
// or -1 with errno.
pid_t clinux_kvm_start(const char *device, void *memory, int done);

// The record as it stands.
struct clinux_kvm_record clinux_kvm_read(const void *memory);

#endif
