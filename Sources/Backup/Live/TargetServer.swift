import Basics
import Linux
import Machine
import Operator
import QMP

/// The qemu-nbd that writes one file of a backup, so that QEMU need not wait for a volume that does not answer: a process can
/// be killed, and QEMU hears of it. It ends by itself when QEMU has closed its connection.
final class TargetServer {
    /// What QEMU connects to.
    private let socket: String
    private let file: String
    private let pid: Int32
    private let messages: Descriptor
    /// Open before anything is written: who opens the file later may not be told what its volume could not take.
    private let target: Descriptor
    private var hasEnded = false

    /// - Parameters:
    ///   - program: the path of qemu-nbd.
    ///   - file: a qcow2.
    init(_ program: String, file: String, socket: String) throws(ClientFailure) {
        self.socket = socket
        self.file = file
        do throws(Errno) {
            let (reading, writing) = try Descriptor.pipe()
            messages = reading
            target = try .open(file)
            try? removeFile(socket)
            pid = try Spawn(
                path: program,
                // It need not flush: `beginFlush` and `flush` do.
                arguments: [
                    "qemu-nbd", "-f", "qcow2", "-x", "", "--cache=unsafe", "--discard=unmap", "-k", socket, file,
                ],
                environment: QEMUEnvironment.variables, descriptors: [try .open("/dev/null"), writing, writing],
                parentDeathSignal: .kill
            ).start()
        } catch {
            throw ClientFailure(.broken, "\(program) cannot be started: \(error)")
        }
    }

    deinit {
        kill()
        try? removeFile(socket)
    }

    /// Has QEMU connect to it, which it takes a moment to be ready for.
    func connect(_ qemu: BlockCommands, node: String) throws(ClientFailure) {
        let command = QMPCommand(
            "blockdev-add",
            [
                "driver": "nbd", "node-name": .string(node),
                "server": ["type": "unix", "path": .string(socket)],
            ])
        let deadline = Instant.now() + .seconds(10)
        while true {
            let answer = try qemu.client.execute(command, until: .now() + BlockCommands.patience)
            guard case .failure(_, let description) = answer.kind else { return }
            guard Instant.now() < deadline, !isOver(at: .now()) else {
                let reason = words.isEmpty ? terminalLine(description) : lastWords
                throw ClientFailure(.no, "qemu-nbd does not serve \(quoted(file)): \(reason)")
            }
            try qemu.client.pause(until: .now() + .milliseconds(5))
        }
    }

    /// Waits for its end, by which the file is whole, though not yet on its volume.
    func end(until deadline: Instant) throws(ClientFailure) {
        guard isOver(at: deadline) else {
            throw ClientFailure(
                .deadline, "qemu-nbd does not get \(quoted(file)) written; is its volume slow, or gone?")
        }
        hasEnded = true
        guard let status = try? waitForChild(pid), status == .exited(0) else {
            throw ClientFailure(.no, "qemu-nbd has not written \(quoted(file)): \(lastWords)")
        }
    }

    /// Has what is written so far go to its volume meanwhile; waits for none of it, as far as the volume has room for requests.
    func beginFlush() {
        target.beginWriteback()
    }

    /// Waits until the file is on its volume.
    func flush() throws(ClientFailure) {
        do throws(Errno) {
            try target.synchronize()
        } catch {
            throw ClientFailure(.no, "\(quoted(file)) does not get onto its volume: \(error)")
        }
    }

    func kill() {
        guard !hasEnded else { return }
        hasEnded = true
        try? send(.kill, to: pid)
        // It may hang in a system call that no signal ends; PID 1 reaps it when it does.
        if isOver(at: .now() + .seconds(1)) { _ = try? waitForChild(pid) }
    }

    private var words: [UInt8] = []

    private var lastWords: String {
        words.isEmpty ? "it has not said why" : String(terminalLine(String(decoding: words.suffix(400), as: UTF8.self)))
    }

    /// Whether it has closed its output, as a process does that ends.
    private func isOver(at deadline: Instant) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let isReadable = try? messages.wait(until: .readable, deadline), isReadable {
            guard let count = try? messages.read(into: &buffer), count > 0 else { return true }
            words = Array((words + buffer[..<count]).suffix(4096))
        }
        return false
    }
}
