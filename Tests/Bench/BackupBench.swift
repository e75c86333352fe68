import Glibc
import Linux

// What a backup costs: a full one beside `qemu-img convert` of the same disk, and what its guest and PID 1 feel meanwhile.

/// - Parameters:
///   - variables: of a drover run whose PATH has the real QEMU.
///   - folder: has `volume`, one of 500 MiB/s.
func measureBackup(_ drover: String, _ variables: [String], in folder: String) throws {
    do {
        let slow = try BackupBench(drover, variables, folder: "\(folder)/volume")
        defer { slow.end() }
        for isCold in [false, true] { try slow.measureRate(on: "500 MiB/s", isCold: isCold) }
    }
    do {
        let own = try BackupBench(drover, variables, folder: "\(folder)/backup")
        defer { own.end() }
        for isCold in [false, true] { try own.measureRate(on: "volume of this machine", isCold: isCold) }
        try own.measureLatency()
    }
    let traced = try BackupBench(drover, variables, folder: "\(folder)/traced", isTraced: true)
    defer { traced.end() }
    try traced.measureLoop()
}

private final class BackupBench {
    private let drover: String
    private let variables: [String]
    private let folder: String
    private let pid: Int32
    private var hasEnded = false

    /// Makes a disk of 3 GiB with 2 GiB in it, and starts a machine with it.
    ///
    /// - Parameter isTraced: strace writes into `trace` when PID 1 waits for events, and stops it for nothing else.
    init(_ drover: String, _ variables: [String], folder: String, isTraced: Bool = false) throws {
        let own = [
            "QEMU_DRIVE=\(folder)/disk.qcow2", "QMP_POLICY=full", "BACKUP_DIR=\(folder)/backups", "BACKUP_FLOOR=1M",
            "DROVER_RUNTIME_DIR=\(folder)/run",
        ]
        let names = own.map { $0.prefix { $0 != "=" } + "=" } + ["QEMU_DRIVE_FORMAT="]
        (self.drover, self.folder) = (drover, folder)
        self.variables = variables.filter { variable in !names.contains { variable.hasPrefix($0) } } + own
        try Self.run(
            """
            mkdir -p '\(folder)/backups' && cd '\(folder)' && head -c 2G /dev/urandom >raw && truncate -s 3G raw &&
            qemu-img convert -O qcow2 raw disk.qcow2 && rm raw && sync .
            """)
        pid = try startDrover(
            drover, self.variables, in: "\(folder)/run",
            under: isTraced
                ? [
                    "/usr/bin/strace", "--daemonize", "--follow-forks", "--seccomp-bpf", "-qq", "-ttt", "-T", "-e",
                    "trace=epoll_wait", "-e", "signal=none", "-o", "\(folder)/trace",
                ] : [])
        let deadline = Instant.now() + .seconds(60)
        // The process that makes them is not there before QEMU has greeted.
        while try waitForChild(startBackup()) != .exited(0) {
            guard Instant.now() < deadline else { throw Errno.timedOut }
        }
        try Self.run("rm -r '\(folder)/backups/'2*")
    }

    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        try? send(.quit, to: pid)
        _ = try? waitForChild(pid)
    }

    private static func run(_ script: String) throws {
        guard try waitForChild(try spawn("/bin/bash", ["bash", "-c", script], ["PATH=/usr/bin:/bin"])) == .exited(0)
        else { throw Errno.inputOutput }
    }

    private func startBackup() throws -> Int32 {
        try spawn(drover, ["drover", "backup", "now", "--full"], variables)
    }

    // MARK: Rate

    /// In pairs: a convert of the disk, synced, and a full backup, hashed and synced. CPU time beside it, which others' load
    /// changes less.
    ///
    /// - Parameter isCold: each reads the disk from its volume, as of one that is larger than the memory; else from the page cache.
    func measureRate(on volume: String, isCold: Bool) throws {
        let forget = isCold ? "dd if='\(folder)/disk.qcow2' iflag=nocache count=0 status=none" : "true"
        var (durable, hashed, wholes): ([Double], [Double], [Double]) = ([], [], [])
        var (own, others): ([Duration], [Duration]) = ([], [])
        for _ in 0..<7 {
            try Self.run(forget)
            let (start, before) = (Instant.now(), childrenTime())
            // QEMU has it open.
            try Self.run("cd '\(folder)' && qemu-img convert -U -O qcow2 disk.qcow2 converted && sync converted")
            let convert = Double((Instant.now() - start).nanoseconds)
            others.append(childrenTime() - before)
            try Self.run("sha256sum '\(folder)/converted' >'\(folder)/digest'")
            let whole = Double((Instant.now() - start).nanoseconds)
            try Self.run("rm '\(folder)/converted'; \(forget)")
            let (begin, used) = (Instant.now(), try backupTime())
            guard try waitForChild(startBackup()) == .exited(0) else { throw Errno.inputOutput }
            wholes.append(convert / Double((Instant.now() - begin).nanoseconds))
            own.append(try backupTime() - used)
            let seconds = try lastSeconds()
            durable.append(convert / 1e9 / seconds)
            hashed.append(whole / 1e9 / seconds)
            try Self.run("rm -r '\(folder)/backups/'2*")
        }
        func words(_ ratios: [Double]) -> String {
            let sorted = ratios.sorted()
            let (least, most) = (ratio(sorted[0], 1), ratio(sorted[sorted.count - 1], 1))
            return "\(ratio(sorted[sorted.count / 2], 1)) x (\(least) to \(most))"
        }
        let source = "\(volume), disk \(isCold ? "cold" : "in the page cache")"
        row(
            "full backup of 2 GiB, beside qemu-img convert and sync: \(source)", words(durable), "at least 0.8 x")
        row("the same beside qemu-img convert, sync and sha256sum; \(source)", words(hashed))
        row("the same until the command returns; \(source)", words(wholes))
        row(
            "CPU time: QEMU, qemu-nbd, hashing; qemu-img convert; \(source)",
            "\(milliseconds(median(own))); \(milliseconds(median(others)))")
    }

    /// Of QEMU, of the process that makes backups, and of those that it has started and waited for.
    private func backupTime() throws -> Duration {
        guard let qemu = children(pid).first(where: { text("/proc/\($0)/comm").hasPrefix("qemu-system") }),
            let service = children(pid).first(where: { text("/proc/\($0)/cmdline").contains("backup\0serve") })
        else { throw Errno.inputOutput }
        return try [(qemu, 2), (service, 4)].reduce(.zero) { sum, process in
            // After the name, from the third on: utime, stime, cutime and cstime are 14 to 17 (proc_pid_stat(5)).
            let fields = text("/proc/\(process.0)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 14 else { throw Errno.inputOutput }
            let ticks = fields[11..<11 + process.1].reduce(0) { $0 + (Int64($1) ?? 0) }
            return sum + .nanoseconds(ticks * 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
        }
    }

    /// What the newest backup's manifest says: until its files are on the volume.
    private func lastSeconds() throws -> Double {
        try Self.run("cat '\(folder)/backups/'2*/manifest.json >'\(folder)/manifest'")
        for line in text("\(folder)/manifest").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "," })
            if words.first == "\"seconds\"", let seconds = words.last.flatMap({ Double($0) }) { return seconds }
        }
        throw Errno.inputOutput
    }

    // MARK: PID 1's loop

    /// How long PID 1 works from one wait for events to the next. strace stops it there and nowhere else. Both are scheduled
    /// before everything else meanwhile: what is to be known is how long it takes, not how long it waits for a CPU.
    func measureLoop() throws {
        let tracer = status(pid, "TracerPid")
        try Self.run("chrt --reset-on-fork --fifo --pid 1 \(pid) && chrt --fifo --pid 2 \(tracer)")
        let backups = try (0..<5).map { _ in
            let began = Self.second()
            guard try waitForChild(startBackup()) == .exited(0) else { throw Errno.inputOutput }
            return began...Self.second()
        }
        end()
        while !isOver(Int32(tracer)) { sched_yield() }
        let turns = try turns()
        let runs = backups.map { backup in turns.filter { backup.contains($0.end) }.map(\.time) }
        let longest = runs.compactMap { $0.max() }.sorted().map { milliseconds($0) }
        guard longest.count == runs.count else { throw Errno.inputOutput }
        row(
            "PID 1's longest pause of its loop during a full backup, five times",
            "\(longest.joined(separator: ", ")) of \(runs[0].count) turns, median \(milliseconds(median(runs[0])))",
            "under 5 ms")
    }

    /// Since 1970, as strace has it.
    private static func second() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Of PID 1's loop, and when each was over.
    private func turns() throws -> [(end: Double, time: Duration)] {
        var turns: [(end: Double, time: Duration)] = []
        var last: Double?
        // "4711 1795770000.000001 epoll_wait(…) = 1 <0.000002>": when it began to wait, and for how long; with another process's
        // line in between "… epoll_wait(… <unfinished ...>" when it began, and "… <... epoll_wait resumed>…" when it was over.
        for line in String(decoding: try readFile("\(folder)/trace", limit: 64 << 20), as: UTF8.self).split(
            separator: "\n")
        {
            let words = line.split(separator: " ")
            guard words.count > 2, words[0] == "\(pid)", let second = Double(words[1]) else { continue }
            if words[2] == "<..." {
                last = second
                continue
            }
            if let last { turns.append((second, .nanoseconds(Int64((second - last) * 1e9)))) }
            last = words.last.flatMap { Double($0.dropFirst().dropLast()) }.map { second + $0 }
        }
        return turns
    }

    // MARK: Latency

    /// Writes of 64 KiB as the guest's go, and questions that PID 1 answers by itself: idle, and during a backup.
    func measureLatency() throws {
        let client = try BenchClient("\(folder)/run/qmp.sock")
        var number = 0
        func pair() throws -> (write: Duration, status: Duration) {
            number += 1
            let offset = number * 7919 % 16000 * 65536
            return (
                try client.time(
                    #"{"execute": "human-monitor-command", "arguments": {"command-line": "#
                        + #""qemu-io -d drive0 \"write -P 7 \#(offset) 64k\""}}"#),
                try client.time(#"{"execute": "drover-status"}"#)
            )
        }
        let idle = try (0..<400).map { _ in try pair() }
        let backup = try startBackup()
        var busy: [(write: Duration, status: Duration)] = []
        while !isOver(backup) {
            busy.append(try pair())
        }
        guard try waitForChild(backup) == .exited(0) else { throw Errno.inputOutput }
        func mean(_ times: [Duration]) -> Duration { times.reduce(.zero, +) / times.count }
        let (quiet, loud) = (mean(idle.map(\.write)), mean(busy.map(\.write)))
        row("mean write of 64 KiB, idle", milliseconds(quiet))
        row(
            "mean write of 64 KiB during a full backup",
            "\(milliseconds(loud)), \(ratio(Double(loud.nanoseconds), Double(quiet.nanoseconds))) x idle, \(busy.count) writes",
            "at most 4 x")
        row("longest write during it", milliseconds(busy.map(\.write).max() ?? .zero))
        row(
            "PID 1's longest answer, idle; during it",
            "\(milliseconds(idle.map(\.status).max() ?? .zero)); \(milliseconds(busy.map(\.status).max() ?? .zero))")
    }
}

/// Asks one thing after the other.
private struct BenchClient {
    private let connection: Descriptor

    init(_ socket: String) throws {
        connection = try Descriptor.connect(unix: socket, until: .now() + .seconds(60))
        try readLine()
        _ = try time(#"{"execute": "qmp_capabilities"}"#)
    }

    /// From the command to its answer.
    func time(_ command: String) throws -> Duration {
        let before = Instant.now()
        _ = try connection.write(Array("\(command)\r\n".utf8))
        try readLine()
        return Instant.now() - before
    }

    /// Events of QEMU's are no answers.
    private func readLine() throws {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while try connection.wait(until: .readable, .now() + .seconds(60)) {
            let count = try connection.read(into: &buffer)
            guard count > 0 else { throw Errno.brokenPipe }
            line += buffer[..<count]
            while let end = line.firstIndex(of: UInt8(ascii: "\n")) {
                let isEvent = String(decoding: line[..<end], as: UTF8.self).contains("\"event\"")
                line.removeSubrange(...end)
                if !isEvent { return }
            }
        }
        throw Errno.timedOut
    }
}
