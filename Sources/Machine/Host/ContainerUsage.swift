import Basics
import Linux

/// What the container uses of what it may (cgroup v1, v2 or both); what cannot be read is nil.
public struct ContainerUsage: Equatable, Sendable {
    /// In bytes; nil: none too.
    public var memoryLimit: Int64?
    /// In bytes, with what the kernel keeps of files, which it gives back when memory is short.
    public var memory: Int64?
    /// Without what it has not needed for a while of that: what an OOM killer looks at.
    public var workingSet: Int64?
    /// For how many seconds the container's processes were not let run, as the CPU quota was used up.
    public var throttled: Double?

    public init() {}

    /// Where the files are; found once, and read as often as wanted.
    public struct Files: Equatable, Sendable {
        private let memory: CgroupDirectories?
        private let cpu: CgroupDirectories?

        public init() {
            // A container with a thousand mounts stays below it.
            self.init { SmallFile.text($0, limit: 256 * 1024) }
        }

        init(reading read: SmallFile.Reader) {
            let table = CgroupDirectories.Table(
                cgroup: read("/proc/self/cgroup") ?? "", mountinfo: read("/proc/self/mountinfo") ?? "")
            (memory, cpu) = (table.directories(of: "memory"), table.directories(of: "cpu"))
        }

        public func read(in files: KeptFiles) -> ContainerUsage {
            usage { path in files.read(path, limit: 16384).map { String(decoding: $0, as: UTF8.self) } }
        }

        func usage(_ read: SmallFile.Reader) -> ContainerUsage {
            var usage = ContainerUsage()
            if let memory {
                let limit = ContainerLimits.memory(memory, read)
                usage.memoryLimit = limit?.value
                // Where the limit is, all count that it holds for.
                let own = memory.paths.first { read($0 + "/" + memory.usageName) != nil }
                if let directory = limit.map({ directoryName($0.source) }) ?? own {
                    usage.memory = read(directory + "/" + memory.usageName).flatMap { Int64($0[...].trimmed) }
                    let idle = read(directory + "/memory.stat").flatMap { value(memory.idleName, in: $0) } ?? 0
                    usage.workingSet = usage.memory.map { max($0 - idle, 0) }
                }
            }
            if let cpu {
                // The root of a hierarchy has no quota, and tells of none.
                for directory in cpu.paths where usage.throttled == nil {
                    let text = read(directory + "/cpu.stat") ?? ""
                    usage.throttled = value(cpu.throttledName, in: text).map { Double($0) / cpu.throttledPerSecond }
                }
            }
            return usage
        }
    }
}

extension CgroupDirectories {
    fileprivate var usageName: String { version == .v1 ? "memory.usage_in_bytes" : "memory.current" }
    fileprivate var idleName: String { version == .v1 ? "total_inactive_file" : "inactive_file" }
    fileprivate var throttledName: String { version == .v1 ? "throttled_time" : "throttled_usec" }
    fileprivate var throttledPerSecond: Double { version == .v1 ? 1e9 : 1e6 }
}

/// Of a line such as `throttled_usec 12`.
private func value(_ name: String, in text: String) -> Int64? {
    for line in text[...].fields(at: "\n") where line.utf8.starts(with: name.utf8) {
        let words = line.fields(at: " ")
        if words.count == 2, words[0] == name { return Int64(words[1]) }
    }
    return nil
}
