import Basics
import Testing

@testable import Machine

private func limits(_ limit: Int?, host: Int = 32768, available: Int = 16384) -> ContainerLimits {
    var limits = ContainerLimits(
        affinity: 4, hostMemory: MiB(host).bytes, hostAvailable: MiB(available).bytes)
    limits.memory = limit.map { ContainerLimits.Limit(value: MiB($0).bytes, source: "/sys/fs/cgroup/memory.max") }
    return limits
}

/// The image and the one that takes its place, of 128 MiB each.
@Test func theCDOfASharedFolderTakesItsPart() throws {
    let bare = try MemoryPlan.make(requested: MiB(512), vcpus: 1, translating: false, limits: limits(1024))
    let shared = try MemoryPlan.make(
        requested: MiB(512), vcpus: 1, translating: false, share: MiB(128), limits: limits(1024))
    #expect(shared.total == bare.total + MiB(256))
    #expect(shared.overhead.description.hasSuffix(" + 128 margin + 256 CDs of SHARE_DIR"))
    #expect(throws: Fault.self) {
        try MemoryPlan.make(requested: MiB(700), vcpus: 1, translating: false, share: MiB(128), limits: limits(1024))
    }
}

@Test func automaticMemoryIsAShareThatFits() throws {
    // limit, host, TCG: RAM, translation buffer.
    let cases: [(Int?, Int, Bool, Int, Int)] = [
        (nil, 32768, false, 8192, 0),
        (nil, 65536, true, 8192, 512),
        (nil, 16384, true, 4096, 512),
        (nil, 1024, true, 512, 128),
        (4096, 32768, false, 3072, 0),
        (4096, 32768, true, 3072, 512),
        (4000, 32768, false, 2944, 0),
        (1024, 32768, true, 704, 128),
        (24576, 32768, true, 18432, 512),
        (768, 32768, true, 448, 112),
        (512, 32768, false, 320, 0),
        (512, 32768, true, 256, 64),
        (320, 32768, true, 64, 64),
        // A limit above the host's memory limits nothing.
        (65536, 8192, false, 2048, 0),
    ]
    for (limit, host, translating, ram, buffer) in cases {
        let plan = try MemoryPlan.make(
            requested: nil, vcpus: 1, translating: translating, limits: limits(limit, host: host))
        #expect(plan.ram == MiB(ram), "\(limit ?? 0) \(host)")
        #expect(plan.translationBuffer == MiB(buffer), "\(limit ?? 0) \(host)")
        #expect(plan.origin == .probed)
        #expect(plan.total.count <= min(limit ?? .max, host))
    }
    // Without /proc/meminfo.
    let blind = try MemoryPlan.make(requested: nil, vcpus: 1, translating: false, limits: ContainerLimits())
    #expect(blind.ram == MiB(512))
}

@Test func tooSmallALimitIsAFault() {
    let fault = thrownFault {
        try MemoryPlan.make(requested: nil, vcpus: 1, translating: false, limits: limits(240))
    }
    #expect(fault?.kind == .configuration)
    #expect(
        fault?.description
            == "QEMU_RAM: the container's limit of 240 MiB (/sys/fs/cgroup/memory.max) leaves less than 64 MiB for "
            + "the guest; raise it to 255 MiB or more (compose: mem_limit: 255m)")
}

@Test func everyLimitGivesAPlanThatFitsOrAFault() {
    for limit in 1...2100 {
        for translating in [false, true] {
            let plan = try? MemoryPlan.make(
                requested: nil, vcpus: 2, translating: translating, limits: limits(limit))
            if let plan {
                #expect(plan.total <= MiB(limit))
                #expect(plan.ram >= MiB(64))
            } else {
                #expect(limit < 330)
            }
        }
    }
}

@Test func requestedMemoryMustFit() throws {
    let fault = thrownFault {
        try MemoryPlan.make(requested: MiB(1024), vcpus: 1, translating: true, limits: limits(512))
    }
    #expect(fault?.kind == .configuration)
    #expect(
        fault?.description
            == "QEMU_RAM: 1024 MiB and 257 MiB for QEMU (38 base + 8 vCPUs + 16 video + 3 page tables + "
            + "64 translation buffer + 128 margin) are 1281 MiB, over the container's limit of 512 MiB "
            + "(/sys/fs/cgroup/memory.max); set QEMU_RAM=256 or raise the limit (compose: mem_limit: 1281m)")

    // The translation buffer gives way before the guest is refused.
    let tight = try MemoryPlan.make(requested: MiB(512), vcpus: 1, translating: true, limits: limits(800))
    #expect(tight.ram == MiB(512))
    #expect(tight.translationBuffer == MiB(96))
    #expect(tight.total == MiB(800))

    let free = try MemoryPlan.make(requested: MiB(4000), vcpus: 4, translating: true, limits: limits(nil))
    #expect(free.ram == MiB(4000))
    #expect(free.origin == .set)
    #expect(free.warnings.isEmpty)
    let greedy = try MemoryPlan.make(
        requested: MiB(4000), vcpus: 4, translating: false, limits: limits(nil, available: 2048))
    #expect(greedy.warnings.count == 1)
}

@Test func moreVCPUsThanCPUsIsAWarning() {
    var limits = limits(nil)
    #expect(limits.warning(forVCPUs: 4) == nil)
    #expect(limits.warning(forVCPUs: 5)?.contains("the 4 CPUs of this process") == true)
    limits.cpuset = ContainerLimits.Limit(value: 3, source: "/c/cpuset.cpus")
    #expect(limits.warning(forVCPUs: 4)?.contains("the 3 CPUs of the container (/c/cpuset.cpus)") == true)
    limits.cpuQuota = ContainerLimits.Limit(value: 1.5, source: "/c/cpu.max")
    #expect(limits.warning(forVCPUs: 2) == nil)
    #expect(
        limits.warning(forVCPUs: 3)
            == "QEMU_SMP: 3 vCPUs are more than the container's quota of 1.50 CPUs (/c/cpu.max); "
            + "they take turns, set QEMU_SMP=2")
}
