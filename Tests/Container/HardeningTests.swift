import Linux
import TestSupport
import Testing

/// What somebody who has taken over QEMU finds, as the kernel tells it.
@Suite struct HardeningTests {
    @Test func whoIsInsideMayDoNothing() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let (drover, qemu) = try container.processes()

        for pid in [drover, qemu] {
            let status = try fields(of: "/proc/\(pid)/status")
            #expect(status["Name"] == (pid == drover ? "drover" : "qemu-system-x86"))
            #expect(status["Uid"] == "10001\t10001\t10001\t10001")
            #expect(status["Gid"] == "10001\t10001\t10001\t10001")
            #expect(status["Groups"]?.trimmingSpaces() == "10001")
            for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                #expect(status[set] == "0000000000000000", "\(set) of \(pid)")
            }
            #expect(status["NoNewPrivs"] == "1")
            #expect(status["Seccomp"] == "2")
        }
        #expect(try writableMounts(of: drover) == ["/opt/hurd-image", "/run", "/tmp"])
        #expect(try listeningPorts(of: drover) == [2222, 8080])

        for shell in ["sh", "/bin/sh", "/bin/bash", "/bin/busybox"] {
            let failure = try shellFailure { try Engine.docker("exec \(container.id) \(shell) -c true") }
            let reasons = ["executable file not found in $PATH", "no such file or directory"]
            #expect(reasons.contains { failure.output.contains($0) }, "\(failure)")
        }
        // The limits are those of the compose file.
        let limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}"
        #expect(try container.inspect(limits) == "943718400 1000000000 256")
    }

    private func fields(of path: String) throws -> [String: String] {
        let pairs = try text(of: path).split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1].drop { $0 == "\t" })) : nil
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// The mounts with anything that the container's user could write to or into; proc(5) has the format of mountinfo.
    /// The kernel's own file systems hold no files: /dev/mqueue has queues, /proc and /sys show the kernel.
    private func writableMounts(of pid: Int32) throws -> [String] {
        let kernels = ["proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue"]
        let mounts = try text(of: "/proc/\(pid)/mountinfo").split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            let isWritable = words[5].split(separator: ",").contains("rw")
            return (path: words[4], isWritable: isWritable, type: words[try #require(words.firstIndex(of: "-")) + 1])
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
    private func listeningPorts(of pid: Int32) throws -> [Int] {
        // State 0A is a listening TCP socket; 07 is an open UDP socket.
        var found: [Int] = []
        for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
            for line in try text(of: "/proc/\(pid)/net/\(table)").split(separator: "\n").dropFirst() {
                let words = line.split(separator: " ").map(String.init)
                guard words[3] == state, !words[1].hasPrefix("0B00007F:") else { continue }
                found.append(try #require(Int(words[1].suffix(4), radix: 16)))
            }
        }
        return found.sorted()
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String { String(self.reversed().drop { $0 == " " }.reversed()) }
}
