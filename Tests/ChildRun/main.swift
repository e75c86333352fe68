import Basics
import Glibc
import Linux
import Machine
import QMP
import Supervision

// A run with children, which no subcommand has yet: the real shell and its loop around the stand-in for QEMU. The children
// are this same program, as drover's are drover.
//
//   ChildRun run QEMU FOLDER NAME:ORDER…   PID 1's part; ORDER is before or after (the guest)
//   ChildRun NAME                          a child's part

/// Until a signal comes.
func idle() {
    poll(nil, 0, -1)
}

/// What a child does, by its name.
let parts: [String: () throws -> Void] = [
    // Ends at once, by a fault of its own.
    "crash": { abort() },
    // Does not end when it is told to.
    "stubborn": {
        signal(SIGTERM, SIG_IGN)
        print("pid \(getpid()) waits")
        fflush(nil)
        while true { idle() }
    },
    // Asks QEMU through the channel that it has inherited.
    "asks": {
        let channel = Descriptor(owning: 3)
        for command in ["qmp_capabilities", "query-status", "system_reset", "drover-status"] {
            _ = try channel.write(Array("{\"execute\": \"\(command)\"}\r\n".utf8))
        }
        // Closing the channel is how it would learn of the end; the stop is by a signal.
        while try channel.wait(until: .readable, .now() + .seconds(60)) {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = try channel.read(into: &bytes)
            guard count > 0 else { break }
            print(String(decoding: bytes.prefix(count), as: UTF8.self), terminator: "")
            fflush(nil)
        }
    },
    // Tells what it was left.
    "limits": {
        var (files, memory) = (rlimit(), rlimit())
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
        let status =
            (try? readFile("/proc/self/status", limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("NoNewPrivs") } ?? "?"
        print(
            "files \(files.rlim_max), memory \(memory.rlim_max), \(line.split(separator: "\t").joined(separator: " "))")
        fflush(nil)
        idle()
    },
    // Leaves itself the calls it needs, and tries others.
    "confined": {
        let socketBefore = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        let needed: [SystemCall] = [.write, .exitGroup, .returnFromSignal, .brk, .mmap, .munmap, .futex]
        try SystemCallFilter(allowing: needed).install()
        let socketAfter = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let errnoAfter = errno
        let line = "socket before \(socketBefore >= 0), after \(socketAfter >= 0) (errno \(errnoAfter))\n"
        _ = line.withCString { write(1, $0, strlen($0)) }
        execv("/bin/true", &words)
        let refusal = "exec refused (errno \(errno))\n"
        _ = refusal.withCString { write(1, $0, strlen($0)) }
    },
]

func runWithChildren(_ arguments: ArraySlice<String>) throws -> ExitCode {
    let signals = try SignalDescriptor()
    try becomeSubreaper()
    let arguments = Array(arguments)
    let (qemu, folder) = (arguments[0], arguments[1])
    let children = arguments.dropFirst(2).map { text -> Child in
        let parts = text.split(separator: ":").map(String.init)
        let isConfined = parts[0] == "limits"
        return Child(
            name: parts[0], arguments: [parts[0]], inherits: parts[0] == "asks" ? [.qmp(.readOnly)] : [],
            stopOrder: parts[1] == "before" ? .beforeGuest : .afterGuest,
            limits: isConfined
                ? ProcessLimits(openFiles: 32, addressSpace: 1 << 32, noNewPrivileges: true) : ProcessLimits())
    }
    let directory = RuntimeDirectory(folder)
    let log = Log(format: .text, lowestLevel: .debug)
    let facts = RunFacts(accelerationReason: "", forwards: [], readyCheck: .none, lastStop: LastStop(directory))
    let machine = VirtualMachine(ram: MiB(64), translationBuffer: MiB(64), drives: [])
    let setup = RunSetup(
        launcher: QEMULauncher(path: qemu, machine: machine, disks: [], secrets: InheritedSecrets()), facts: facts,
        sockets: try ControlSockets(directory), logsConsole: true,
        policy: QMPPolicy(level: .full, diskDirectories: [], runtimeDirectory: folder) { _ in .nothing })
    let supervisor = Supervisor(
        steps: [LaunchStep(accelerator: .tcg, cpu: "max")], ladder: ShutdownLadder(budget: .seconds(30)),
        agent: nil, children: children)
    return try EventLoop(setup, supervisor: supervisor, log: log, signals: signals).run()
}

let arguments = CommandLine.arguments
if arguments.dropFirst().first == "run" {
    exit(try runWithChildren(arguments.dropFirst(2)).rawValue)
}
try parts[arguments.last ?? ""]?()
