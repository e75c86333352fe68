import Testing

@testable import Machine

private let v2 = [
    "/proc/self/cgroup": "0::/a/b\n",
    "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
]
private let v1 = [
    "/proc/self/cgroup": "4:memory:/\n3:cpu,cpuacct:/\n",
    "/proc/self/mountinfo": ["cpu,cpuacct", "memory"].map {
        "31 30 0:28 / /sys/fs/cgroup/\($0) rw,relatime - cgroup cgroup rw,\($0)\n"
    }.joined(),
]

private func usage(_ files: [String: String]) -> ContainerUsage {
    ContainerUsage.Files { files[$0] }.usage { files[$0] }
}

@Test func withoutACgroupNothingIsKnown() {
    #expect(usage([:]) == ContainerUsage())
    #expect(usage(v2) == ContainerUsage())
}

@Test func aContainerWithoutLimitsTellsOfItself() {
    let found = usage(
        v2.merging([
            "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "700\n",
            "/sys/fs/cgroup/a/memory.current": "9000\n",
            "/sys/fs/cgroup/a/b/memory.stat": "anon 500\nfile 200\ninactive_file 150\n",
            "/sys/fs/cgroup/a/b/cpu.stat": "usage_usec 9\nnr_throttled 1\nthrottled_usec 2500000\n",
        ]) { $1 })
    #expect(found.memoryLimit == nil)
    #expect(found.memory == 700)
    #expect(found.workingSet == 550)
    #expect(found.throttled == 2.5)
}

/// All that count against a limit are told where it is.
@Test func aLimitFurtherUpIsComparedWithWhatIsThere() {
    let found = usage(
        v2.merging([
            "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "700\n",
            "/sys/fs/cgroup/a/memory.max": "1000\n", "/sys/fs/cgroup/a/memory.current": "900\n",
        ]) { $1 })
    #expect(found.memoryLimit == 1000)
    #expect(found.memory == 900)
    #expect(found.workingSet == 900)
    #expect(found.throttled == nil)
}

@Test func theOlderCgroupHasOtherNamesAndUnits() {
    let found = usage(
        v1.merging([
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "700\n",
            "/sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 1\nthrottled_time 1500000000\n",
        ]) { $1 })
    #expect(found.memoryLimit == 1000)
    #expect(found.memory == 700)
    #expect(found.workingSet == 600)
    #expect(found.throttled == 1.5)
}
