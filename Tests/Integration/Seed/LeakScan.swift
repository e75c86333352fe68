import Foundation
import Linux
import TestSupport
import Testing

/// Looks for secrets where they must not be while a guest runs.
struct LeakScan {
    /// Passwords and hashes.
    let secrets: [String]

    /// What holds one of them: arguments and environments of all processes, the runtime directory, the log.
    func findings(_ run: DroverRun, runtimeDirectory: String) throws -> [String] {
        var places: [(name: String, text: String)] = [("the log", run.lines.joined(separator: "\n"))]
        for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
            for file in ["cmdline", "environ"] {
                places.append(("\(process)/\(file)", text("/proc/\(process)/\(file)")))
            }
        }
        // There may be nothing in it yet but sockets.
        for file in FileManager.default.enumerator(atPath: runtimeDirectory) ?? .init() {
            let path = "\(runtimeDirectory)/\(file)"
            if (try? FileStatus(of: path))?.kind == .regular { places.append((path, text(path))) }
        }
        try #require(places.contains { $0.text.contains("/dev/fdset/1") }, "QEMU's arguments were not seen")
        return places.flatMap { name, text in secrets.filter(text.contains).map { "\(name) holds \($0)" } }
    }

    /// What of a process's memory holds one of them. Takes the right to look into it, as root has.
    ///
    /// - Parameter limit: leaves larger mappings out, such as the memory of QEMU's guest.
    func findings(inMemoryOf pid: Int32, below limit: UInt64 = .max) throws -> [String] {
        let memory = try Descriptor.open("/proc/\(pid)/mem")
        var looked = 0
        var findings: [String] = []
        for line in text("/proc/\(pid)/maps").split(separator: "\n") {
            let fields = line.split(separator: " ")
            let range = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard fields[1].hasPrefix("rw"), range.count == 2, let start = Int64(exactly: range[0]),
                range[1] - range[0] < limit
            else { continue }
            var bytes = [UInt8](repeating: 0, count: Int(range[1] - range[0]))
            let count = (try? memory.read(into: &bytes, from: 0, at: start)) ?? 0
            looked += count
            let data = Data(bytes.prefix(count))
            findings += secrets.filter { data.range(of: Data($0.utf8)) != nil }.map { "\(line) holds \($0)" }
        }
        try #require(looked > 1 << 20, "the memory was not seen")
        return findings
    }

    private func text(_ path: String) -> String {
        String(decoding: (try? readFile(path, limit: 1 << 24)) ?? [], as: UTF8.self)
    }
}
