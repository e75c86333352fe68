import Basics
import Linux
import Operator

/// restic as a child of this process, which may be PID 1: it ends restic when it is to end itself, and reaps what restic leaves,
/// such as the ssh of a repository by SFTP.
public final class Restic {
    /// More than it says of a repository with thousands of snapshots.
    private static let mostOutput = 16 << 20
    private static let mostMessages = 16 << 10
    /// After SIGTERM, upon which it removes its lock.
    private static let grace = Duration.seconds(10)

    private let path: String
    private let environment: [String]
    private let signals: SignalDescriptor
    /// Somebody wants this process to end.
    public private(set) var isStopping = false

    /// - Parameters:
    ///   - path: absolute.
    ///   - signals: of this process, all of them.
    public init(path: String, _ environment: ResticEnvironment, _ signals: SignalDescriptor) {
        self.path = path
        self.environment = environment.assignments
        self.signals = signals
    }

    /// Runs it to its end.
    ///
    /// - Parameter limit: seconds after which it is ended. Without one it takes as long as the data takes: restic itself gives
    ///   up when nothing gets through for 15 minutes.
    func run(_ arguments: [String], within limit: Int? = nil) throws(ClientFailure) -> ResticAnswer {
        do throws(Errno) {
            return try follow(try start(arguments), limit)
        } catch {
            throw ClientFailure(.broken, "\(path) cannot be run: \(error)")
        }
    }

    /// Waits, until `deadline` or for this process to be asked to end.
    public func pause(until deadline: Instant) throws(ClientFailure) {
        do throws(Errno) {
            while !isStopping, Instant.now() < deadline {
                if try signals.descriptor.wait(until: .readable, deadline) { try readSignals() }
                while try reapChild() != nil {}
            }
        } catch {
            throw ClientFailure(.broken, "waiting failed: \(error)")
        }
    }

    private struct Child {
        let pid: Int32
        let output: Descriptor
        let messages: Descriptor
    }

    private func start(_ arguments: [String]) throws(Errno) -> Child {
        let output = try Descriptor.pipe()
        let messages = try Descriptor.pipe()
        try output.reading.setNonBlocking(true)
        try messages.reading.setNonBlocking(true)
        // Without its cache: where that is full, restic tries for 15 minutes and gives up.
        let pid = try Spawn(
            path: path, arguments: ["restic", "--no-cache"] + arguments, environment: environment,
            descriptors: [try .open("/dev/null"), output.writing, messages.writing], parentDeathSignal: .kill,
            limits: ProcessLimits(noNewPrivileges: true)
        ).start()
        return Child(pid: pid, output: output.reading, messages: messages.reading)
    }

    private func follow(_ child: Child, _ limit: Int?) throws(Errno) -> ResticAnswer {
        var output = Collected(child.output)
        var messages = Collected(child.messages)
        var ending: WaitStatus?
        var isLate = false
        // When it is to be asked to end; then, when it is killed.
        var deadline = limit.map { Instant.now() + .seconds($0) }
        var isAsked = false
        while ending == nil {
            let requests = [
                PollRequest(signals.descriptor, readable: true),
                PollRequest(child.output, readable: !output.hasEnded),
                PollRequest(child.messages, readable: !messages.hasEnded),
            ]
            let found = try poll(requests, until: deadline)
            if found[0].isReadable { try readSignals() }
            output.read { $0.count > Self.mostOutput ? Array($0.prefix(Self.mostOutput)) : $0 }
            messages.read { $0.suffix(Self.mostMessages) + [] }
            while let (pid, status) = try reapChild() {
                if pid == child.pid { ending = status }
            }
            let isDue = deadline.map { $0 <= .now() } ?? false
            if isAsked {
                if isDue {
                    try? send(.kill, to: child.pid)
                    deadline = nil
                }
            } else if isStopping || isDue {
                isLate = !isStopping
                isAsked = true
                deadline = .now() + Self.grace
                try? send(.terminate, to: child.pid)
            }
        }
        output.read { $0 }
        messages.read { $0.suffix(Self.mostMessages) + [] }
        return ResticAnswer(
            status: ending ?? .exited(0), output: output.bytes, messages: messages.bytes, limit: isLate ? limit : nil)
    }

    private func readSignals() throws(Errno) {
        for (signal, _) in try signals.read() where Signal.endings.contains(signal) || signal == .quit {
            isStopping = true
        }
    }

    /// What has come through a pipe so far.
    private struct Collected {
        let pipe: Descriptor
        var bytes: [UInt8] = []
        var hasEnded = false

        init(_ pipe: Descriptor) {
            self.pipe = pipe
        }

        /// Takes what is there.
        mutating func read(_ bound: ([UInt8]) -> [UInt8]) {
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while !hasEnded {
                guard let count = try? pipe.read(into: &buffer) else { return }
                if count == 0 { hasEnded = true }
                bytes = bound(bytes + buffer[..<count])
            }
        }
    }
}
