import Glibc
import Linux

// Measures drover beside other inits, in turns within one run, and prints a table of medians. Run by scripts/bench:
//
//   Bench DROVER STAND-IN FOLDER [OTHER-DROVER]
//
// With another drover it compares the two instead.

let arguments = CommandLine.arguments
guard (4...5).contains(arguments.count) else {
    print("usage: Bench DROVER STAND-IN FOLDER [OTHER-DROVER]")
    exit(64)
}
let drover = arguments[1]
let standIn = arguments[2]
let folder = arguments[3]

/// Every variable that takes part in a start, as an owner with much to say would set them.
let fullConfiguration = [
    "PATH=\(folder)/bin:/usr/bin", "QEMU_DRIVE=\(folder)/empty.raw", "QEMU_DRIVE_FORMAT=raw", "QEMU_BOOT=disk",
    "QEMU_RAM=256", "QEMU_SMP=1", "QEMU_ACCEL=tcg", "QEMU_CPU=max", "QEMU_MACHINE=pc", "QEMU_STORAGE=ide",
    "QEMU_NET=e1000", "QEMU_MAC=52:54:00:12:34:56", "QEMU_NET_RESTRICT=0", "QEMU_PORTS=127.0.0.1:2222:22,8080:80",
    "QEMU_CACHE=writeback", "QEMU_AIO=threads", "SHUTDOWN_TIMEOUT=90", "GUEST_AGENT=auto", "CONSOLE_LOG=on",
    "LOG_FORMAT=text", "LOG_LEVEL=info", "QMP_POLICY=operator", "DROVER_RUNTIME_DIR=\(folder)/run",
    "QEMU_EXTRA_ARGS=-rtc base=utc",
]

if arguments.count == 5 {
    try Comparison(drovers: [drover, arguments[4]], variables: fullConfiguration, folder: folder).run()
    exit(0)
}

struct Contestant {
    let name: String
    let path: String
    /// What comes before the program and its arguments.
    let prefix: [String]
    let environment: [String]
}

let contestants = [
    Contestant(name: "drover", path: drover, prefix: ["run", "--"], environment: fullConfiguration),
    // The program by itself: what it takes is in every other figure too.
    Contestant(name: "nothing", path: standIn, prefix: [], environment: fullConfiguration),
    Contestant(name: "tini", path: "/usr/bin/tini", prefix: ["-s", "--", standIn], environment: fullConfiguration),
    Contestant(name: "dumb-init", path: "/usr/bin/dumb-init", prefix: [standIn], environment: fullConfiguration),
    Contestant(name: "catatonit", path: "/usr/bin/catatonit", prefix: ["--", standIn], environment: fullConfiguration),
    Contestant(name: "bash script", path: "\(folder)/entrypoint.sh", prefix: [], environment: fullConfiguration),
]

func start(_ contestant: Contestant, _ more: [String], stdout: Descriptor) throws -> Int32 {
    try Spawn(
        path: contestant.path, arguments: [contestant.name] + contestant.prefix + more,
        environment: contestant.environment,
        descriptors: [try Descriptor.open("/dev/null"), stdout, try Descriptor.duplicate(of: 2)],
        parentDeathSignal: .kill
    ).start()
}

/// The time of an event in a stand-in's trace; waits for it.
func traced(_ event: String, in file: String) -> Instant {
    while true {
        for line in text(file).split(separator: "\n") where line.hasPrefix(event + " ") {
            if let nanoseconds = UInt64(line.dropFirst(event.count + 1)) { return Instant(nanoseconds: nanoseconds) }
        }
    }
}

func children(_ pid: Int32) -> [Int32] {
    text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
}

// MARK: From exec to QEMU's execve

let devNull = try Descriptor.open("/dev/null", .writeOnly)
var starts: [String: [Duration]] = [:]
/// The whole life of `tini -- true`.
var tiniTrue: [Duration] = []
for _ in 0..<101 {
    let before = Instant.now()
    let pid = try Spawn(
        path: "/usr/bin/tini", arguments: ["tini", "-s", "--", "/bin/true"], environment: ["PATH=/usr/bin"],
        descriptors: [try Descriptor.open("/dev/null"), devNull, devNull], parentDeathSignal: .kill
    ).start()
    _ = try waitForChild(pid)
    tiniTrue.append(Instant.now() - before)
    for contestant in contestants {
        unlink("\(folder)/stamp")
        let before = Instant.now()
        let pid = try start(contestant, ["--stamp", "\(folder)/stamp"], stdout: devNull)
        let stamped = traced("start", in: "\(folder)/stamp")
        _ = try waitForChild(pid)
        starts[contestant.name, default: []].append(stamped - before)
    }
}
row("tini -- true, exec to exit", milliseconds(median(tiniTrue)))
let program = median(starts["nothing"] ?? [])
for contestant in contestants where contestant.name != "nothing" {
    // Less the program's own start, what is left is exec to execve.
    let time = median(starts[contestant.name] ?? []) - program
    row(
        "exec to the program's execve, \(contestant.name)",
        "\(milliseconds(time)), \(ratio(Double(time.nanoseconds), Double(median(tiniTrue).nanoseconds))) x tini -- true",
        contestant.name == "drover" ? "at most 3 ms, under 2 x tini -- true" : "")
}
row("the program's own start", milliseconds(program))

// MARK: What check takes

var checks: [Duration] = []
for _ in 0..<51 {
    let before = Instant.now()
    let pid = try Spawn(
        path: drover, arguments: ["drover", "check"], environment: fullConfiguration,
        descriptors: [try Descriptor.open("/dev/null"), devNull, devNull], parentDeathSignal: .kill
    ).start()
    _ = try waitForChild(pid)
    checks.append(Instant.now() - before)
}
row("drover check, without the KVM probe", milliseconds(median(checks)), "under 5 ms")

// MARK: Idle

do {
    let pipe = try Descriptor.pipe()
    let pid = try start(contestants[0], [], stdout: pipe.writing)
    _ = try drain(pipe.reading, until: "the guest runs")
    // It reads the last answers of QEMU before it is idle.
    _ = try? pipe.reading.wait(until: .readable, .now() + .seconds(1))
    let before = status(pid, "voluntary_ctxt_switches")
    _ = try? pipe.reading.wait(until: .readable, .now() + .seconds(10))
    row("wake-ups in 10 s of nothing", "\(status(pid, "voluntary_ctxt_switches") - before)", "at most 2")
    row("idle resident memory", "\(status(pid, "VmRSS")) KiB", "at most 8192 KiB")
    try send(.terminate, to: pid)
    _ = try drain(pipe.reading, until: "stopped cleanly")
    _ = try waitForChild(pid)
}

// MARK: Reaping: so many orphans wait for an init that is stopped; how long until all are gone once it goes on?

let orphans = 5000
var reaping: [String: [Duration]] = [:]
for _ in 0..<15 {
    for contestant in [contestants[0], contestants[2]] {
        unlink("\(folder)/trace")
        let more = ["--trace", "\(folder)/trace", "--orphans-on-usr1", "\(orphans)"]
        let pid = try start(contestant, contestant.name == "drover" ? more : more + ["--mute"], stdout: devNull)
        var child: Int32?
        while child == nil { child = children(pid).first }
        // The handler is there once the trace file is.
        while access("\(folder)/trace", F_OK) != 0 || status(child ?? 0, "SigCgt") == 0 {
            if text("/proc/\(child ?? 0)/stat").isEmpty { break }
            if text("/proc/\(child ?? 0)/status").contains("SigCgt:\t0000000000000200") { break }
        }
        try send(Signal(rawValue: SIGSTOP), to: pid)
        try send(Signal(rawValue: SIGUSR1), to: child ?? 0)
        _ = traced("orphans", in: "\(folder)/trace")
        while children(pid).count < orphans + 1 {}
        let before = Instant.now()
        try send(.continue, to: pid)
        // Asked only when it sleeps again: to list thousands of children takes the lock that reaping needs.
        while !text("/proc/\(pid)/stat").contains(") S ") || children(pid).count > 1 {}
        reaping[contestant.name, default: []].append(Instant.now() - before)
        try send(.kill, to: child ?? 0)
        _ = try waitForChild(pid)
    }
}
@MainActor func rate(_ name: String) -> Double {
    Double(orphans) / (Double(median(reaping[name] ?? [.zero]).nanoseconds) / 1e9)
}
row("orphans reaped a second, tini", "\(Int(rate("tini")))")
row(
    "orphans reaped a second, drover", "\(Int(rate("drover"))), \(ratio(rate("drover"), rate("tini"))) x tini",
    "at least 1 x tini")

// MARK: Console

var throughputs: [Double] = []
for _ in 0..<5 {
    let pipe = try Descriptor.pipe()
    let pid = try start(contestants[0], ["--flood", "200"], stdout: pipe.writing)
    _ = try drain(pipe.reading, until: "console: ")
    let before = Instant.now()
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // A flood of 200 MiB comes out as more, for the prefixes, and less, for the escapes: count to near its end.
    while total < 190 << 20, try pipe.reading.wait(until: .readable, .now() + .seconds(1)) {
        total += try buffer.withUnsafeMutableBytes { try pipe.reading.read(into: $0) }
    }
    throughputs.append(Double(total) / 1e6 / (Double((Instant.now() - before).nanoseconds) / 1e9))
    try send(.kill, to: pid)
    _ = try waitForChild(pid)
}
row(
    "console, socket to pipe, sanitised", "\(Int(throughputs.sorted()[throughputs.count / 2])) MB/s", "at least 50 MB/s"
)

// MARK: Stopping

// Without an agent's port, where nobody is looked for ahead of the power button.
let stopped = Contestant(
    name: "drover", path: drover, prefix: contestants[0].prefix,
    environment: fullConfiguration.filter { !$0.hasPrefix("GUEST_AGENT=") } + ["GUEST_AGENT=off"])
var toCommand: [Duration] = []
var toExit: [Duration] = []
for _ in 0..<21 {
    unlink("\(folder)/trace")
    let pipe = try Descriptor.pipe()
    let pid = try start(stopped, ["--trace", "\(folder)/trace"], stdout: pipe.writing)
    _ = try drain(pipe.reading, until: "the guest runs")
    let before = Instant.now()
    try send(.terminate, to: pid)
    _ = try waitForChild(pid)
    let after = Instant.now()
    toCommand.append(traced("powerdown", in: "\(folder)/trace") - before)
    toExit.append(after - traced("shutdown", in: "\(folder)/trace"))
}
row("SIGTERM to the first QMP command", milliseconds(median(toCommand)), "under 5 ms")
row("SHUTDOWN event to exit", milliseconds(median(toExit)), "under 50 ms")

// MARK: The operator

try measureHealthcheck(drover, fullConfiguration.filter { !$0.hasPrefix("QEMU_PORTS=") }, in: folder)
let realQEMU = fullConfiguration.filter { !$0.hasPrefix("PATH=") && !$0.hasPrefix("QEMU_PORTS=") }
try measureQMP(drover, realQEMU + ["PATH=/usr/bin", "QEMU_PORTS=none"], in: folder)

// MARK: Metrics

try measureMetrics(drover, realQEMU + ["PATH=/usr/bin", "QEMU_PORTS=none"], in: folder)
try measureScrapedGuest(drover, realQEMU + ["PATH=/usr/bin", "QEMU_PORTS=none"], in: folder)

// MARK: Backups

try measureBackup(drover, realQEMU + ["PATH=/usr/bin", "QEMU_PORTS=none"], in: folder)

// MARK: Seed

try measureSeedImage(in: folder)
