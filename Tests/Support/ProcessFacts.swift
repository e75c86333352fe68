import Foundation
import Linux

/// What nobody who has taken over a process of a container may have, as `status` has it: whatever runs it.
package let confinement = [
    "Uid": "10001\t10001\t10001\t10001", "Gid": "10001\t10001\t10001\t10001", "Groups": "10001",
    "CapInh": "0000000000000000", "CapPrm": "0000000000000000", "CapEff": "0000000000000000",
    "CapBnd": "0000000000000000", "CapAmb": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2",
]

/// A whole file, of `/proc` or another.
package func text(of path: String) throws -> String {
    String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
}

extension String {
    package func trimmingNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// What the kernel tells of a process: the lines of its `/proc/PID/status`, without the white space around the values.
package func status(of pid: Int32) throws -> [String: String] {
    let pairs = try text(of: "/proc/\(pid)/status").split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
    }
    return Dictionary(uniqueKeysWithValues: pairs)
}

/// The mounts with anything that the container's user could write to or into; proc(5) has the format of mountinfo.
/// The kernel's own file systems hold no files: /dev/mqueue has queues, /proc and /sys show the kernel.
package func writableMounts(of pid: Int32) throws -> [String] {
    let kernels = ["proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue"]
    let mounts = try text(of: "/proc/\(pid)/mountinfo").split(separator: "\n").map { line in
        let words = line.split(separator: " ").map(String.init)
        let isWritable = words[5].split(separator: ",").contains("rw")
        guard let dash = words.firstIndex(of: "-") else { throw TestFailure("no line of mountinfo: \(line)") }
        return (path: words[4], isWritable: isWritable, type: words[dash + 1])
    }
    let root = "/proc/\(pid)/root"
    let writable = "-uid 10001 -o -gid 10001 -perm -g+w -o -perm -o+w"
    return try mounts.filter { $0.isWritable && !kernels.contains($0.type) }.map(\.path).filter { path in
        // What is mounted on a directory in it is a mount of its own.
        try shell(
            "find '\(root)\(path)' -xdev -ignore_readdir_race '(' -type d -o -type f ')' '(' \(writable) ')'"
        ).split(separator: "\n").map { $0.dropFirst(root.count) }.contains { found in
            found == path || !mounts.contains { $0.path == found }
        }
    }.sorted()
}

/// Ports somebody listens on, but for the engine's own name server on 127.0.0.11.
package func listeningPorts(of pid: Int32) throws -> [Int] {
    // State 0A is a listening TCP socket; 07 is an open UDP socket.
    var found: [Int] = []
    for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
        for line in try text(of: "/proc/\(pid)/net/\(table)").split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            guard words[3] == state, !words[1].hasPrefix("0B00007F:"), let port = Int(words[1].suffix(4), radix: 16)
            else { continue }
            found.append(port)
        }
    }
    return found.sorted()
}
