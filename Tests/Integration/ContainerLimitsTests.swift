import Foundation
import Machine
import Testing

/// A memory cgroup below our own with a process in it.
private final class MemoryCgroup {
    let process = Process()
    private let path: String

    /// Nil where this process may not make one.
    init?(bytes: Int) {
        let name = "drover-\(UUID().uuidString)"
        let own = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let lines = own.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 2).map(String.init) }
        let v1 = lines.first { $0.count == 3 && $0[1] == "memory" }?[2]
        let v2 = lines.first { $0.count == 2 && $0[0] == "0" }?[1]
        let parent = v1.map { "/sys/fs/cgroup/memory" + $0 } ?? v2.map { "/sys/fs/cgroup" + $0 } ?? ""
        path = parent + "/" + name
        guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)) != nil
        else { return nil }
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["60"]
        guard write("\(bytes)", v1 == nil ? "memory.max" : "memory.limit_in_bytes"), (try? process.run()) != nil,
            write("\(process.processIdentifier)", "cgroup.procs")
        else {
            remove()
            return nil
        }
    }

    private func write(_ text: String, _ file: String) -> Bool {
        guard let handle = FileHandle(forWritingAtPath: path + "/" + file) else { return false }
        return (try? handle.write(contentsOf: Data(text.utf8))) != nil
    }

    func remove() {
        if process.isRunning {
            // Not SIGTERM: a test elsewhere may have blocked it for its children.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        rmdir(path)
    }
}

@Test func aRealCgroupRefusesTooMuchMemory() throws {
    guard let cgroup = MemoryCgroup(bytes: 512 << 20) else {
        print("no memory cgroup can be made here; skipped")
        return
    }
    defer { cgroup.remove() }
    // The other process's view of itself: nothing here is put under the limit.
    let limits = ContainerLimits(affinity: 1) { path in
        let other = path.replacingOccurrences(of: "/proc/self", with: "/proc/\(cgroup.process.processIdentifier)")
        return try? String(contentsOfFile: other, encoding: .utf8)
    }
    #expect(limits.memory?.value == 512 << 20)
    let fault = thrownFault {
        try MemoryPlan.make(requested: MiB(1024), vcpus: 1, translating: true, limits: limits)
    }
    #expect(fault?.message.contains("over the container's limit of 512 MiB") == true)
    let automatic = try MemoryPlan.make(requested: nil, vcpus: 1, translating: true, limits: limits)
    #expect(automatic.ram == MiB(256))
}
