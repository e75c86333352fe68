import Basics
import Glibc
import Linux
import Machine

/// Carries out a `DiskPreparation` by qemu-img, before there is an event loop; a stop is heeded meanwhile.
public struct DiskPreparer {
    public enum Outcome: Equatable, Sendable {
        case done
        /// A stop was asked for, and qemu-img has been ended.
        case stopped
        case failed(ExitCode, String)
    }

    /// Metadata of 64 TiB are written in seconds; a file system that takes longer than this is stuck.
    private static let time = Duration.seconds(600)

    private let qemuImgPath: String
    private let signals: SignalDescriptor

    public init(qemuImgPath: String, signals: SignalDescriptor) {
        self.qemuImgPath = qemuImgPath
        self.signals = signals
    }

    public func carryOut(_ preparation: DiskPreparation) -> Outcome {
        switch preparation {
        case .none:
            return .done
        case .grow(let arguments):
            return run(arguments)
        case .create(let arguments, let temporary, let path):
            unlink(temporary)
            let outcome = run(arguments)
            guard outcome == .done else {
                unlink(temporary)
                return outcome
            }
            // link(2) does not replace a file that somebody has put there meanwhile.
            do throws(Errno) {
                try retryingInterrupts { link(temporary, path) }
            } catch {
                unlink(temporary)
                let code: ExitCode =
                    error == .permissionDenied || error == .notPermitted ? .notPermitted : .configuration
                return .failed(code, "QEMU_DRIVE: \(quoted(path)) cannot be created: \(error)")
            }
            unlink(temporary)
            return .done
        }
    }

    private func run(_ arguments: [String]) -> Outcome {
        do throws(Errno) {
            let (messages, output) = try Descriptor.pipe()
            let pid = try spawn(arguments, output)
            return try wait(for: pid, messages)
        } catch {
            return .failed(.unavailable, "qemu-img cannot be run: \(error)")
        }
    }

    private func spawn(_ arguments: [String], _ output: Descriptor) throws(Errno) -> Int32 {
        try Spawn(
            path: qemuImgPath, arguments: arguments, environment: ["LC_ALL=C"],
            descriptors: [try Descriptor.open("/dev/null"), output, output], parentDeathSignal: .terminate
        ).start()
    }

    private func wait(for pid: Int32, _ messages: Descriptor) throws(Errno) -> Outcome {
        var deadline = Instant.now() + Self.time
        var isStopped = false
        while try signals.descriptor.wait(until: .readable, deadline) {
            for (signal, _) in try signals.read() {
                switch SignalPolicy(for: signal) {
                case .stop, .stopOnce, .stopNow:
                    try send(.terminate, to: pid)
                    isStopped = true
                    deadline = min(deadline, .now() + ShutdownLadder.quitTime)
                case .reap, .ignore, .fatal, .kernel:
                    break
                }
            }
            while let (ended, status) = try reapChild() {
                if ended == pid { return isStopped ? .stopped : judge(status, try lastWords(messages)) }
            }
        }
        try send(.kill, to: pid)
        if isStopped { return .stopped }
        return .failed(.tryAgain, "qemu-img took longer than \(Self.time.brief); look at the disk's file system")
    }

    private func lastWords(_ messages: Descriptor) throws(Errno) -> [String] {
        try messages.setNonBlocking(true)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count: Int
        do throws(Errno) {
            count = try messages.read(into: &buffer)
        } catch .wouldBlock {
            return []
        }
        return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func judge(_ status: WaitStatus, _ words: [String]) -> Outcome {
        if status == .exited(0) { return .done }
        let failure = QEMUFailure(lastWords: words)
        let remedy = failure.remedy.map { ": \($0)" } ?? ""
        return .failed(failure.exitCode, "qemu-img \(status): \(quoted(words.joined(separator: "; ")))\(remedy)")
    }
}
