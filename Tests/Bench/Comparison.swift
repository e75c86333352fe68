import Glibc
import Linux

/// Two drovers, each measurement in pairs: first one, then the other, for the machine is never quite the same twice.
struct Comparison {
    /// Ours and the other.
    let drovers: [String]
    /// Of a run whose QEMU is the stand-in.
    let variables: [String]
    let folder: String

    func run() throws {
        print("\(padded("", 58)) \(padded("this drover", 14)) \(padded("the other", 14)) this / other")
        row("size of the binary, KB", try drovers.map { Double(try FileStatus(of: $0).size) / 1000 })
        row("drover version, exec to exit, ms", try medians(201) { try life(drovers[$0], ["drover", "version"]) })
        row(
            "beside it tini -- true, ms",
            try medians(201) { _ in
                try life("/usr/bin/tini", ["tini", "-s", "--", "/bin/true"])
            })
        row("drover check, ms", try medians(51) { try life(drovers[$0], ["drover", "check"]) })
        try compareRuns()
        try compareConsole(format: "text")
        try compareConsole(format: "json")
    }

    /// What needs a run of each: memory, a health check, QMP beside QEMU itself.
    private func compareRuns() throws {
        let direct = "\(folder)/direct.sock"
        let real = variables.filter { !$0.hasPrefix("PATH=") && !$0.hasPrefix("QEMU_PORTS=") }
        var (pids, sockets, environments): ([Int32], [String], [[String]]) = ([], [], [])
        defer {
            for pid in pids {
                try? send(.kill, to: pid)
                _ = try? waitForChild(pid)
            }
        }
        for (index, drover) in drovers.enumerated() {
            let disk = "\(folder)/disk\(index).raw"
            try Descriptor.open(disk, [.writeOnly, .create]).writeAll([UInt8](repeating: 0, count: 1 << 20))
            let own = [
                "PATH=/usr/bin", "QEMU_PORTS=none", "DROVER_RUNTIME_DIR=\(folder)/run\(index)", "QEMU_DRIVE=\(disk)",
            ]
            let environment = real.filter { !$0.hasPrefix("DROVER_RUNTIME_DIR=") && !$0.hasPrefix("QEMU_DRIVE=") } + own
            environments.append(environment)
            pids.append(try startDrover(drover, environment, in: "\(folder)/run\(index)"))
            sockets.append("\(folder)/run\(index)/qmp.sock")
        }
        pids.append(try startQEMU(direct))
        sockets.append(direct)
        // The greetings are over, and what the start took is given back.
        let silent = try Descriptor.pipe()
        _ = try silent.reading.wait(until: .readable, .now() + .seconds(2))
        row("resident memory, idle, nobody has asked anything, KiB", pids.prefix(2).map { Double(status($0, "VmRSS")) })
        row(
            "CPU of a health check (--live), ms",
            try medians(101) { index in
                try cpuTime(drovers[index], ["drover", "healthcheck", "--live"], environments[index]).milliseconds
            })
        for (name, window) in [("one at a time", 1), ("eight at a time", 8)] {
            var rates: [[Double]] = [[], [], []]
            for _ in 0..<15 {
                for index in 0..<3 {
                    rates[index].append(try commandRate(sockets[index], count: 2000, window: window))
                }
            }
            // Of each round, for QEMU's own pace changes with the machine's.
            let shares = (0..<2).map { index in zip(rates[index], rates[2]).map { $0 / $1 }.sorted()[7] }
            row("QMP commands a second, \(name)", rates.prefix(2).map { $0.sorted()[7] })
            row("as a share of QEMU itself (at least 0.75)", shares)
        }
        row("resident memory after that, KiB", pids.prefix(2).map { Double(status($0, "VmRSS")) })
    }

    /// The console's flood through PID 1's log, MB a second and lines a second of what the guest writes.
    private func compareConsole(format: String) throws {
        let floods = [
            (name: "80-byte lines", line: String(repeating: "x", count: 79) + "\n", mebibytes: 128),
            (name: "1-byte lines", line: "x\n", mebibytes: 8),
            (name: "line feeds", line: "\n", mebibytes: 8),
        ]
        for flood in floods {
            var seconds: [[Double]] = [[], []]
            for _ in 0..<5 {
                for (index, drover) in drovers.enumerated() {
                    seconds[index].append(try floodTime(drover, format: format, flood.line, mebibytes: flood.mebibytes))
                }
            }
            let bytes = Double(flood.mebibytes << 20)
            let what = "LOG_FORMAT=\(format), \(flood.name)"
            row("\(what), MB/s", seconds.map { bytes / 1e6 / $0.sorted()[2] })
            row("\(what), lines/s", seconds.map { bytes / Double(flood.line.utf8.count) / $0.sorted()[2] })
        }
    }

    /// From the guest's start until QEMU has got rid of everything, in seconds.
    private func floodTime(_ drover: String, format: String, _ line: String, mebibytes: Int) throws -> Double {
        let (pipe, trace) = (try Descriptor.pipe(), "\(folder)/trace")
        unlink(trace)
        let pid = try Spawn(
            path: drover,
            arguments: ["drover", "run", "--", "--trace", trace, "--flood", "\(mebibytes)", "--line", line],
            environment: variables.filter { !$0.hasPrefix("LOG_FORMAT=") } + ["LOG_FORMAT=\(format)"],
            descriptors: [try Descriptor.open("/dev/null"), pipe.writing, try Descriptor.duplicate(of: 2)],
            parentDeathSignal: .kill
        ).start()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !text(trace).contains("flooded ") {
            guard try pipe.reading.wait(until: .readable, .now() + .milliseconds(50)) else { continue }
            _ = try buffer.withUnsafeMutableBytes { try pipe.reading.read(into: $0) }
        }
        let time = traced("flooded", in: trace) - traced("runs", in: trace)
        try send(.kill, to: pid)
        _ = try waitForChild(pid)
        return Double(time.nanoseconds) / 1e9
    }

    private func medians(_ rounds: Int, _ measure: (Int) throws -> Double) rethrows -> [Double] {
        var values: [[Double]] = [[], []]
        for _ in 0..<rounds {
            for index in 0..<2 { values[index].append(try measure(index)) }
        }
        return values.map { $0.sorted()[$0.count / 2] }
    }

    /// From exec to exit, in milliseconds.
    private func life(_ path: String, _ arguments: [String]) throws -> Double {
        let null = try Descriptor.open("/dev/null", .readWrite)
        let before = Instant.now()
        let pid = try Spawn(
            path: path, arguments: arguments, environment: variables, descriptors: [null, null, null],
            parentDeathSignal: .kill
        ).start()
        _ = try waitForChild(pid)
        return (Instant.now() - before).milliseconds
    }

    private func row(_ what: String, _ values: [Double]) {
        let texts = values.map { padded(ratio($0, 1), 14) }
        print("\(padded(what, 58)) \(texts.joined(separator: " ")) \(ratio(values[0], values[1]))")
    }
}

extension Duration {
    fileprivate var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
