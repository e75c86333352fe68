import Basics
import Linux
import Machine

/// qemu-img at work on an image whose files it inherits: on those that were found, whatever becomes of their names.
public struct QEMUImg: Sendable {
    /// More than qemu-img has to say of the largest of images.
    private static let mostOutput = 16 << 20

    private let path: String

    /// - Parameter path: absolute.
    public init(path: String) {
        self.path = path
    }

    /// Runs qemu-img to its end, however long that takes; it does not outlive this process.
    ///
    /// - Parameters:
    ///   - arguments: without its own name.
    ///   - image: its files become the descriptors from `DiskPreparation.firstDescriptor` on, those of `further` come behind.
    ///   - accepted: exit codes that are an answer, not a failure.
    /// - Returns: what it wrote to standard output, and its exit code.
    @discardableResult
    func run(
        _ arguments: [String], on image: DiskImage, _ further: [Descriptor] = [], accepting accepted: Set<Int32> = [0]
    ) throws(ClientFailure) -> (output: [UInt8], code: Int32) {
        let files: [Descriptor]
        do throws(Fault) {
            files = try image.find()
        } catch {
            throw ClientFailure(error)
        }
        let (output, messages, status): ([UInt8], [UInt8], WaitStatus)
        do throws(Errno) {
            let process = try start(arguments, files + further)
            output = try readToEnd(process.output, limit: Self.mostOutput)
            // They fit into the pipe, however late they are read.
            messages = try readToEnd(process.messages, limit: 64 << 10)
            status = try waitForChild(process.pid)
        } catch {
            throw ClientFailure(.broken, "qemu-img cannot be run: \(error)")
        }
        if case .exited(let code) = status, accepted.contains(code) { return (output, code) }
        let names = DescriptorNames(image.files, from: DiskPreparation.firstDescriptor)
        let words = String(decoding: messages, as: UTF8.self).split(separator: "\n").map {
            names.spelledOut(String($0))
        }
        throw Self.failure(status, words)
    }

    private func start(
        _ arguments: [String], _ inherited: [Descriptor]
    ) throws(Errno) -> (pid: Int32, output: Descriptor, messages: Descriptor) {
        let output = try Descriptor.pipe()
        let messages = try Descriptor.pipe()
        let pid = try Spawn(
            path: path, arguments: ["qemu-img"] + arguments, environment: ["LC_ALL=C"],
            descriptors: [try .open("/dev/null"), output.writing, messages.writing] + inherited,
            parentDeathSignal: .kill
        ).start()
        return (pid, output.reading, messages.reading)
    }

    private static func failure(_ status: WaitStatus, _ words: [String]) -> ClientFailure {
        let said = terminalLine(words.joined(separator: "; "))
        if words.contains(where: { $0.holds("lock") }) {
            return ClientFailure(
                .no,
                "the disk is in use: \(said); a guest that runs has it: use docker exec in its container, or stop it")
        }
        return ClientFailure(.no, "qemu-img \(status): \(said)")
    }
}

/// Of a pipe; what is beyond the limit is lost.
private func readToEnd(_ pipe: Descriptor, limit: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = try pipe.read(into: &buffer)
        if count == 0 { return bytes }
        bytes += buffer[..<min(count, limit - bytes.count)]
    }
}

extension ClientFailure {
    /// What stands in a machine's way stands in a client's.
    init(_ fault: Fault) {
        let exit: ClientExit =
            switch fault.kind {
            case .configuration: .usage
            case .unavailable: .absent
            case .notPermitted: .notPermitted
            case .temporary: .deadline
            }
        self.init(exit, fault.description)
    }
}
