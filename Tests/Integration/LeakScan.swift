import Foundation
import Linux
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

    private func text(_ path: String) -> String {
        String(decoding: (try? readFile(path, limit: 1 << 24)) ?? [], as: UTF8.self)
    }
}
