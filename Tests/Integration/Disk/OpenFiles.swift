import Foundation
import Linux
import TestSupport

/// What `drover check --json` says of the disks.
struct CheckReport: Decodable {
    struct File: Decodable {
        let descriptor: Int32
        let node: String
        let path: String
        let role: String
        let variable: String
    }

    let files: [File]
    let faults: [String]
    let warnings: [String]

    init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }
}

/// The files that a process has open, as the kernel sees them: without those it can only name (O_PATH), and without
/// sockets, pipes and memory.
func openFiles(of pid: Int32) throws -> Set<String> {
    var paths: Set<String> = []
    for number in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd") {
        // One may be closed meanwhile.
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(number)"),
            path.hasPrefix("/"), !path.hasPrefix("/dev/"), !path.hasPrefix("/memfd:"),
            let info = try? readFile("/proc/\(pid)/fdinfo/\(number)", limit: 4096)
        else { continue }
        let line = String(decoding: info, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags:") }
        let flags = line.flatMap { Int32($0.split(separator: "\t").last ?? "", radix: 8) } ?? 0
        if flags & Descriptor.Flags.pathOnly.rawValue == 0 { paths.insert(path) }
    }
    return paths
}
