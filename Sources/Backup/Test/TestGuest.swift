import Basics
import JSON
import Linux
import Operator
import QMP

/// A guest under test: `drover run`, with an environment made for it. It does not outlive this.
final class TestGuest {
    /// Lines of the console, and of Drover's, that are kept.
    private static let mostLines = 5
    private static let longestLine = 200
    /// A guest that floods its console is read no faster than this at a time.
    private static let mostBytes = 1 << 20
    private static let patience = Duration.seconds(2)

    private let pid: Int32
    private let output: Descriptor
    private let directory: String
    private var unfinished: [UInt8] = []
    private var status: WaitStatus?
    private var client: QMPClient?
    private var console: [String] = []
    /// What Drover, or QEMU, has said last.
    private var words: [String] = []

    /// - Parameters:
    ///   - environment: with `directory` for the runtime directory.
    init(_ environment: [String], directory: String) throws(ClientFailure) {
        self.directory = directory
        do throws(Errno) {
            let (reading, writing) = try Descriptor.pipe()
            try reading.setNonBlocking(true)
            output = reading
            // This binary.
            pid = try Spawn(
                path: "/proc/self/exe", arguments: ["drover", "run"], environment: environment,
                descriptors: [try .open("/dev/null"), writing, writing], parentDeathSignal: .kill,
                limits: ProcessLimits(noNewPrivileges: true, isExpendable: true)
            ).start()
        } catch {
            throw ClientFailure(.no, "a second drover cannot be started for the test: \(error)")
        }
    }

    /// QEMU dies with it, and what was written to the disks is gone with QEMU.
    deinit {
        client = nil
        if status == nil { try? send(.kill, to: pid) }
        // It may hang in a system call that no signal ends; PID 1 reaps it when it does.
        let deadline = Instant.now() + .seconds(1)
        while read() == nil, let isReadable = try? output.wait(until: .readable, deadline), isReadable {}
        if let above = try? Folder(directoryName(directory)) {
            try? above.removeTree(String(directory.dropFirst(directoryName(directory).utf8.count + 1)))
        }
    }

    /// What it says of itself; nil as long as it does not.
    func report() -> DroverStatus? {
        do throws(ClientFailure) {
            if client == nil {
                client = try QMPClient.connect(
                    to: RuntimeSockets(directory: directory).qmp, until: .now() + Self.patience)
            }
            return try client?.status(until: .now() + Self.patience)
        } catch {
            if error.exit != .deadline { client = nil }
            return nil
        }
    }

    /// Reads what it has written.
    ///
    /// - Returns: how it has ended; nil while it runs.
    func read() -> WaitStatus? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var count = 0
        while status == nil, count < Self.mostBytes, let length = try? output.read(into: &buffer) {
            if length == 0 { status = try? waitForChild(pid) }
            count += length
            unfinished += buffer[..<length]
        }
        var lines = unfinished.split(separator: 0x0A, omittingEmptySubsequences: false)
        unfinished = Array((lines.popLast() ?? []).suffix(16 << 10))
        for line in lines.suffix(100) { note(Array(line)) }
        return status
    }

    private func note(_ line: [UInt8]) {
        guard let json = try? JSONParser.parse(line), let message = json["message"]?.text else {
            // What is said before there is a log.
            words = (words + [Self.legible(String(decoding: line, as: UTF8.self))]).suffix(Self.mostLines)
            return
        }
        let text = Self.legible(message)
        guard !text.isEmpty else { return }
        if json["source"]?.text == "console" {
            console = (console + [text]).suffix(Self.mostLines)
        } else {
            words = (words + [text]).suffix(Self.mostLines)
        }
    }

    private static func legible(_ text: String) -> String {
        String(terminalLine(String(text[...].trimmed)).prefix(longestLine))
    }

    /// What it said when it could not run.
    var lastWords: String { words.last ?? "it has not said why" }

    /// The last lines of the guest's console, or of its screen where that is silent.
    func lastSeen() -> [String] {
        guard console.isEmpty, let client,
            let screen = try? Screen.read(client, cursor: false, until: .now() + Self.patience)
        else { return console }
        let lines = (screen.text?.lines ?? []).map(Self.legible).filter { !$0.isEmpty }
        if lines.isEmpty, screen == .graphics { return ["(a screen in a graphics mode)"] }
        return Array(lines.suffix(Self.mostLines))
    }
}
