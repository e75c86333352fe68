import Basics
import Linux

/// What the container may use of the host: cgroup v1, v2 or both, nested or not.
public struct ContainerLimits: Equatable, Sendable {
    public struct Limit<Value: Equatable & Sendable>: Equatable, Sendable {
        public let value: Value
        /// The file it was read from.
        public let source: String
    }

    /// In bytes; nil: none.
    public var memory: Limit<Int64>?
    /// What each process may map; nil: no limit.
    public var addressSpace: AddressSpaceLimit?
    /// CPU time in CPUs, such as 1.5; nil: none.
    public var cpuQuota: Limit<Double>?
    /// CPUs of the cpuset; nil: none readable.
    public var cpuset: Limit<Int>?
    /// CPUs this process may be scheduled on.
    public var affinity: Int
    /// `MemTotal` and `MemAvailable` of the host, in bytes; 0 when unreadable.
    public var hostMemory: Int64
    public var hostAvailable: Int64

    public init(affinity: Int = 1, hostMemory: Int64 = 0, hostAvailable: Int64 = 0) {
        self.affinity = affinity
        self.hostMemory = hostMemory
        self.hostAvailable = hostAvailable
    }

    /// - Parameter affinity: see `affinityCount`.
    init(affinity: Int, reading read: SmallFile.Reader) {
        self.init(affinity: affinity)
        let memory = Self.memory(read("/proc/meminfo") ?? "")
        hostMemory = memory.total
        hostAvailable = memory.available
        let table = CgroupDirectories.Table(
            cgroup: read("/proc/self/cgroup") ?? "", mountinfo: read("/proc/self/mountinfo") ?? "")
        self.memory = table.directories(of: "memory").flatMap { Self.memory($0, read) }
        cpuQuota = table.directories(of: "cpu").flatMap { Self.quota($0, read) }
        cpuset = table.directories(of: "cpuset").flatMap { Self.cpuset($0, read) }
    }

    /// The limits of this process.
    public static func current() -> ContainerLimits {
        let affinity: Int
        do throws(Errno) {
            affinity = try affinityCount()
        } catch {
            affinity = 1
        }
        // A container with a thousand mounts stays below the first bound.
        var limits = ContainerLimits(affinity: affinity) { path in
            SmallFile.text(path, limit: path == "/proc/self/mountinfo" ? 256 * 1024 : 8192)
        }
        limits.addressSpace = .current()
        return limits
    }

    /// The whole CPUs that are worth a vCPU; at least 1.
    public var cpus: Int {
        let quota = cpuQuota.map { Int(min($0.value, 1e6).rounded(.up)) } ?? .max
        return max(1, min(quota, cpuset?.value ?? .max, affinity))
    }

    /// For work beside a guest that yields to it: all that there are, which the kernel shares out. A quota it does not share out but
    /// stops whoever has used it up, the guest too: of that one CPU is left.
    public var spareCPUs: Int {
        cpuQuota == nil ? cpus : max(1, cpus - 1)
    }
}

extension ContainerLimits {
    /// v1 writes "none" as the largest multiple of the page size below 2^63.
    private static let none: Int64 = 1 << 60

    static func memory(_ directories: CgroupDirectories, _ read: SmallFile.Reader) -> Limit<Int64>? {
        let name = directories.version == .v1 ? "memory.limit_in_bytes" : "memory.max"
        return smallest(directories) { directory in
            let path = directory + "/" + name
            guard let text = read(path), let bytes = Int64(firstLine(text)), (0..<none).contains(bytes) else {
                return nil
            }
            return Limit(value: bytes, source: path)
        }
    }

    private static func quota(_ directories: CgroupDirectories, _ read: SmallFile.Reader) -> Limit<Double>? {
        smallest(directories) { directory in
            let path: String
            let words: [Substring]
            switch directories.version {
            case .v1:
                path = directory + "/cpu.cfs_quota_us"
                guard let quota = read(path), let period = read(directory + "/cpu.cfs_period_us") else { return nil }
                words = [firstLine(quota), firstLine(period)]
            case .v2:
                path = directory + "/cpu.max"
                guard let text = read(path) else { return nil }
                words = firstLine(text).fields(at: " ")
            }
            // `max 100000` in v2, `-1` in v1: no quota.
            guard words.count == 2, let quota = Int64(words[0]), let period = Int64(words[1]), quota > 0, period > 0
            else { return nil }
            return Limit(value: Double(quota) / Double(period), source: path)
        }
    }

    private static func cpuset(_ directories: CgroupDirectories, _ read: SmallFile.Reader) -> Limit<Int>? {
        let name = directories.version == .v1 ? "cpuset.cpus" : "cpuset.cpus.effective"
        // An ancestor's set holds every descendant's: the first that is not empty is the effective one.
        for directory in directories.paths {
            let path = directory + "/" + name
            if let text = read(path), let count = countCPUs(firstLine(text)), count > 0 {
                return Limit(value: count, source: path)
            }
        }
        return nil
    }

    private static func smallest<Value: Comparable>(
        _ directories: CgroupDirectories, _ read: (String) -> Limit<Value>?
    ) -> Limit<Value>? {
        directories.paths.compactMap(read).min { $0.value < $1.value }
    }

    /// `MemTotal:       24684092 kB`.
    private static func memory(_ meminfo: String) -> (total: Int64, available: Int64) {
        var total: Int64 = 0
        var available: Int64 = 0
        for line in meminfo[...].fields(at: "\n").prefix(4) {
            let words = line.fields(at: " ")
            guard words.count >= 2, let kibibytes = Int64(words[1]) else { continue }
            let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
            if overflow || bytes < 0 { continue }
            if words[0] == "MemTotal:" { total = bytes }
            if words[0] == "MemAvailable:" { available = bytes }
        }
        return (total, available)
    }

    /// The number of CPUs in a list such as `0-3,7` (cpuset(7)); nil when it is none.
    static func countCPUs(_ list: Substring) -> Int? {
        var count = 0
        for range in list.fields(at: ",") {
            let ends = range.fields(at: "-").map { UInt16($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
                return nil
            }
            count += Int(last - first) + 1
        }
        return count
    }

    private static func firstLine(_ text: String) -> Substring {
        text[...].fields(at: "\n").first ?? ""
    }
}

extension ContainerLimits {
    /// A warning when the guest gets more vCPUs than the container may use at once; nil when it does not.
    func warning(forVCPUs smp: Int) -> String? {
        guard smp > cpus else { return nil }
        let reason: String
        if let quota = cpuQuota, Int(min(quota.value, 1e6).rounded(.up)) == cpus {
            let hundredths = Int((quota.value * 100).rounded())
            let fraction = hundredths % 100 < 10 ? "0\(hundredths % 100)" : "\(hundredths % 100)"
            reason = "the container's quota of \(hundredths / 100).\(fraction) CPUs (\(quota.source))"
        } else if let cpuset, cpuset.value == cpus {
            reason = "the \(cpuset.value) CPUs of the container (\(cpuset.source))"
        } else {
            reason = "the \(affinity) CPUs of this process"
        }
        return "QEMU_SMP: \(smp) vCPUs are more than \(reason); they take turns, set QEMU_SMP=\(cpus)"
    }
}
