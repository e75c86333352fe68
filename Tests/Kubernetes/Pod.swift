import Linux
import TestSupport

/// A guest's pod and its processes, from outside.
struct Pod {
    let namespace: String
    let name: String

    func field(_ path: String) throws -> String {
        try Cluster.kubectl("--namespace \(namespace) get pod \(name) --output 'jsonpath=\(path)'")
    }

    var uid: String { get throws { try field("{.metadata.uid}") } }

    func log(_ options: String = "") throws -> String {
        try Cluster.kubectl("--namespace \(namespace) logs \(name) \(options)")
    }

    /// Its log from now on, to its end.
    func followLog() throws -> (client: ChildProcess, output: Transcript) {
        try Cluster.follow(["--namespace", namespace, "logs", "--follow", "--tail=1", name])
    }

    /// The pod of this name may not be there yet, or be another's than before.
    func waitUntilReady(otherThan uid: String = "", within seconds: Int = 240) throws {
        let template = "{.metadata.uid} {.status.containerStatuses[0].ready}"
        try Cluster.wait(for: "a ready \(name)", within: seconds) {
            let seen = (try? field(template)) ?? "no pod"
            if seen.hasSuffix(" true"), uid.isEmpty || !seen.hasPrefix(uid) { return nil }
            return try seen + "\n" + ((try? log("--tail=5")) ?? "no log")
                + Cluster.kubectl("--namespace \(namespace) get events")
        }
    }

    func wait(for text: String, within seconds: Int = 120) throws {
        try Cluster.wait(for: "\(text.debugDescription) in the log of \(name)", within: seconds) {
            let seen = (try? log()) ?? "no log"
            return seen.contains(text) ? nil : seen
        }
    }

    /// Gives the init container that waits for an image a file of ours.
    ///
    /// - Returns: what it has said.
    @discardableResult
    func giveDisk(_ file: String) throws -> String {
        try Cluster.wait(for: "\(name) to wait for its disk", within: 120) {
            let since = (try? field("{.status.initContainerStatuses[0].state.running.startedAt}")) ?? ""
            return since.isEmpty ? try Cluster.kubectl("--namespace \(namespace) get pods,events") : nil
        }
        return try Cluster.kubectl("--namespace \(namespace) attach -i \(name) -c disk <'\(file)'")
    }

    func waitForRestarts(_ count: Int, within seconds: Int = 180) throws {
        try Cluster.wait(for: "restart \(count) of \(name)", within: seconds) {
            let seen = try field("{.status.containerStatuses[0].restartCount}")
            return seen == "\(count)" ? nil : "\(seen) restarts"
        }
    }

    /// The pids of PID 1 and of QEMU, which is its child.
    func processes() throws -> (drover: Int32, qemu: Int32) {
        let found = try shell(
            """
            for file in $(grep -ls '\(uid)' /proc/[0-9]*/cgroup); do
              folder=${file%/cgroup}
              read -r name <"$folder/comm" && [ "$name" = qemu-system-x86 ] && awk '{ print $4, $1 }' "$folder/stat"
            done; true
            """)
        let pids = found.split { " \n".contains($0) }.compactMap { Int32($0) }
        guard pids.count == 2 else { throw TestFailure("not one QEMU in \(name): \(found)") }
        return (pids[0], pids[1])
    }
}
