import Testing

@testable import Machine

/// A container as its files show it.
private struct Fixture {
    let name: String
    var files: [String: String]
    var memory: Int64?
    var memorySource: String?
    var quota: Double?
    var cpuset: Int?

    var limits: ContainerLimits {
        ContainerLimits(affinity: 64) { files[$0] }
    }
}

private let v2Mount = "30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n"
private let noise = "22 1 254:1 / / rw,relatime - ext4 /dev/root rw\n23 22 0:21 / /proc rw - proc proc rw\n"

private func v1Mounts(root: String) -> String {
    ["cpu,cpuacct", "cpuset", "memory"].map {
        "31 30 0:28 \(root) /sys/fs/cgroup/\($0) rw,relatime - cgroup cgroup rw,\($0)\n"
    }.joined()
}

private func v1Membership(_ path: String) -> String {
    "12:cpuset:\(path)\n4:memory:\(path)\n3:cpu,cpuacct:\(path)\n1:name=systemd:\(path)\n"
}

private let fixtures: [Fixture] = [
    Fixture(name: "no cgroup at all", files: [:]),
    Fixture(
        name: "v2 without limits",
        files: [
            "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": noise + v2Mount,
            "/sys/fs/cgroup/memory.max": "max\n", "/sys/fs/cgroup/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/cpuset.cpus.effective": "0-7\n",
        ], cpuset: 8),
    Fixture(
        name: "v2 in a cgroup namespace",
        files: [
            "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": noise + v2Mount,
            "/sys/fs/cgroup/memory.max": "536870912\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n",
            "/sys/fs/cgroup/cpuset.cpus.effective": "0-3,8\n",
        ], memory: 536_870_912, memorySource: "/sys/fs/cgroup/memory.max", quota: 1.5, cpuset: 5),
    Fixture(
        name: "v2 nested: the smallest limit on the way to the root holds",
        files: [
            "/proc/self/cgroup": "0::/system.slice/docker-1.scope/inner\n",
            "/proc/self/mountinfo": noise + v2Mount,
            "/sys/fs/cgroup/system.slice/docker-1.scope/inner/memory.max": "max\n",
            "/sys/fs/cgroup/system.slice/docker-1.scope/memory.max": "2147483648\n",
            "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
            "/sys/fs/cgroup/system.slice/docker-1.scope/cpu.max": "200000 100000\n",
            "/sys/fs/cgroup/cpuset.cpus.effective": "0-1\n",
        ], memory: 1 << 30, memorySource: "/sys/fs/cgroup/system.slice/memory.max", quota: 2, cpuset: 2),
    Fixture(
        name: "v2, the host's path but only the container's part mounted",
        files: [
            "/proc/self/cgroup": "0::/docker/abc\n",
            "/proc/self/mountinfo": "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
            "/sys/fs/cgroup/memory.max": "1073741824\n",
        ], memory: 1 << 30, memorySource: "/sys/fs/cgroup/memory.max"),
    Fixture(
        name: "v2, a path outside of the namespace",
        files: [
            "/proc/self/cgroup": "0::/../../other\n", "/proc/self/mountinfo": v2Mount,
            "/sys/fs/cgroup/memory.max": "1073741824\n",
        ], memory: 1 << 30, memorySource: "/sys/fs/cgroup/memory.max"),
    Fixture(
        name: "v2 at a mount point with a space",
        files: [
            "/proc/self/cgroup": "0::/\n",
            "/proc/self/mountinfo": "30 23 0:26 / /run/my\\040cgroup ro - cgroup2 cgroup rw\n",
            "/run/my cgroup/memory.max": "1073741824\n",
        ], memory: 1 << 30, memorySource: "/run/my cgroup/memory.max"),
    Fixture(
        name: "v1 in docker",
        files: [
            "/proc/self/cgroup": v1Membership("/docker/abc"),
            "/proc/self/mountinfo": noise + v1Mounts(root: "/docker/abc"),
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "805306368\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpuset/cpuset.cpus": "2\n",
        ], memory: 805_306_368, memorySource: "/sys/fs/cgroup/memory/memory.limit_in_bytes", quota: 0.5, cpuset: 1),
    Fixture(
        name: "v1 without limits",
        files: [
            "/proc/self/cgroup": v1Membership("/"), "/proc/self/mountinfo": v1Mounts(root: "/"),
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpuset/cpuset.cpus": "\n",
        ]),
    Fixture(
        name: "v1 nested",
        files: [
            "/proc/self/cgroup": v1Membership("/kubepods/pod1/abc"), "/proc/self/mountinfo": v1Mounts(root: "/"),
            "/sys/fs/cgroup/memory/kubepods/pod1/abc/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/kubepods/pod1/memory.limit_in_bytes": "1073741824\n",
            "/sys/fs/cgroup/cpuset/kubepods/cpuset.cpus": "0-3\n",
        ], memory: 1 << 30, memorySource: "/sys/fs/cgroup/memory/kubepods/pod1/memory.limit_in_bytes", cpuset: 4),
    Fixture(
        name: "v1 mounted whole, the path of another namespace",
        files: [
            "/proc/self/cgroup": v1Membership("/not/visible"), "/proc/self/mountinfo": v1Mounts(root: "/"),
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
        ], memory: 1 << 30, memorySource: "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    Fixture(
        name: "hybrid: memory on v1, the rest on v2",
        files: [
            "/proc/self/cgroup": "5:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n",
            "/proc/self/mountinfo": noise
                + "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
                + "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "536870912\n",
            "/sys/fs/cgroup/unified/docker/abc/cpu.max": "300000 100000\n",
        ], memory: 536_870_912, memorySource: "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", quota: 3),
    Fixture(
        name: "nonsense is no limit",
        files: [
            "/proc/self/cgroup": "garbage\n0::/\n::\n", "/proc/self/mountinfo": "1 2 3\n- cgroup2\n" + v2Mount,
            "/sys/fs/cgroup/memory.max": "-7\n", "/sys/fs/cgroup/cpu.max": "1 0\n",
            "/sys/fs/cgroup/cpuset.cpus.effective": "7-1\n",
        ]),
]

@Test func limitsAreFoundWhereTheyAre() {
    for fixture in fixtures {
        let limits = fixture.limits
        #expect(limits.memory?.value == fixture.memory, "\(fixture.name)")
        #expect(limits.memory?.source == fixture.memorySource, "\(fixture.name)")
        #expect(limits.cpuQuota?.value == fixture.quota, "\(fixture.name)")
        #expect(limits.cpuset?.value == fixture.cpuset, "\(fixture.name)")
    }
}

/// With a quota one CPU is the guest's.
@Test func sparedCPUs() {
    var limits = ContainerLimits(affinity: 4)
    #expect(limits.spareCPUs == 4)
    for (quota, count) in [(0.5, 1), (1, 1), (1.5, 1), (3, 2), (64, 3)] {
        limits.cpuQuota = ContainerLimits.Limit(value: quota, source: "cpu.max")
        #expect(limits.spareCPUs == count, "\(quota)")
    }
}

@Test func hostMemoryIsRead() {
    let limits = ContainerLimits(affinity: 2) { path in
        path == "/proc/meminfo" ? "MemTotal:   24684092 kB\nMemFree:  1 kB\nMemAvailable:   1024 kB\n" : nil
    }
    #expect(limits.hostMemory == 24_684_092 * 1024)
    #expect(limits.hostAvailable == 1 << 20)
}

@Test func listsOfCPUsAreCounted() {
    let cases: [(String, Int?)] = [
        ("0", 1), ("0-3", 4), ("0-1,4,6-7", 5), ("", 0), ("3-1", nil), ("a", nil), ("1-2-3", nil), ("99999", nil),
    ]
    for (list, count) in cases { #expect(ContainerLimits.countCPUs(list[...]) == count) }
}

@Test func theLimitsOfThisProcessAreReadable() {
    let limits = ContainerLimits.current()
    #expect(limits.hostMemory > 0)
    #expect(limits.cpus >= 1)
}
