import Basics
import JSON
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
    ///   - image: its files become the descriptors from `DiskPreparation.firstDescriptor` on.
    ///   - target: a file with the descriptor after them, and what it is called.
    ///   - fine: exit codes beside 0 that are no failure.
    /// - Returns: what it wrote to standard output.
    @discardableResult
    public func run(
        _ arguments: [String], on image: some DiskSource, into target: (file: Descriptor, path: String)? = nil,
        fine: [Int32] = []
    ) throws(ClientFailure) -> [UInt8] {
        let files = try Self.files(image, target)
        return try run(arguments, inheriting: files.all, fine: fine, files.names)
    }

    /// As `run`, of what qemu-img can say its progress of.
    ///
    /// - Parameter progress: hears now and then how much of it is done, in per cent.
    public func run(
        _ arguments: [String], on image: some DiskSource, into target: (file: Descriptor, path: String),
        progress: (Int) -> Void
    ) throws(ClientFailure) {
        let files = try Self.files(image, target)
        let words = [arguments[0], "-p"] + arguments.dropFirst()
        try run(words, inheriting: files.all, files.names) { (output) throws(Errno) in
            try Self.follow(output, progress)
            return []
        }
    }

    private static func files(
        _ image: some DiskSource, _ target: (file: Descriptor, path: String)?
    ) throws(ClientFailure) -> (all: [Descriptor], names: DescriptorNames) {
        var files: [Descriptor]
        do throws(Fault) {
            files = try image.find()
        } catch {
            throw ClientFailure(error)
        }
        if let target { files.append(target.file) }
        let targets = target.map { [DiskFile(toBeMadeAt: $0.path)] } ?? []
        return (files, DescriptorNames(image.files + targets, from: DiskPreparation.firstDescriptor))
    }

    /// Makes the qcow2 that a backup of a disk is copied into, its clusters as large as what a bitmap counts in.
    ///
    /// - Parameters:
    ///   - size: in bytes.
    ///   - parent: the name of the file under it, as seen from its own folder; nil: none.
    public func createTarget(_ path: String, size: Int64, behind parent: String?) throws(ClientFailure) {
        let backing = parent.map { ["-b", $0, "-F", "qcow2"] } ?? []
        try run(
            ["create", "-q", "-f", "qcow2"] + backing + [path, "\(size)"], inheriting: [], DescriptorNames([], from: 0))
    }

    @discardableResult
    private func run(
        _ arguments: [String], inheriting files: [Descriptor], fine: [Int32] = [], _ names: DescriptorNames,
        reading: (Descriptor) throws(Errno) -> [UInt8] = { (output) throws(Errno) in
            try output.readToEnd(limit: mostOutput)
        }
    ) throws(ClientFailure) -> [UInt8] {
        let (output, messages, status): ([UInt8], [UInt8], WaitStatus)
        do throws(Errno) {
            let process = try start(arguments, files)
            output = try reading(process.output)
            // They fit into the pipe, however late they are read.
            messages = try process.messages.readToEnd(limit: 64 << 10)
            status = try waitForChild(process.pid)
        } catch {
            throw ClientFailure(.broken, "qemu-img cannot be run: \(error)")
        }
        if ([0] + fine).contains(where: { status == .exited($0) }) { return output }
        let words = String(decoding: messages, as: UTF8.self).split(separator: "\n").map {
            names.spelledOut(String($0))
        }
        throw Self.failure(status, words)
    }

    /// Bytes that a copy of the disk in an image takes; in a raw file too, as that has holes.
    public func measure(_ image: some DiskSource) throws(ClientFailure) -> Int64 {
        try json(["measure", "-O", "qcow2", "--output=json", DiskPreparation.name(of: image)], on: image) {
            value throws(JSONMismatch) in try value.integer("required")
        }
    }

    /// What qemu-img says of an image. It opens nothing behind that, and refuses to hear of it: `DiskImage.alone`.
    func info<Shape>(
        of source: some DiskSource, _ read: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(ClientFailure) -> Shape {
        try json(["info", "--output=json", DiskPreparation.name(of: source)], on: source, read)
    }

    /// - Parameter read: takes from the answer what is asked for.
    func json<Shape>(
        _ arguments: [String], on image: some DiskSource, fine: [Int32] = [],
        _ read: (JSONValue) throws(JSONMismatch) -> Shape
    ) throws(ClientFailure) -> Shape {
        let answer = try run(arguments, on: image, fine: fine)
        do {
            return try read(try JSONParser.parse(answer))
        } catch {
            throw ClientFailure(
                .broken,
                "qemu-img \(arguments[0]) \(quoted(image.path)): the answer is not understood (\(error))")
        }
    }

    private func start(
        _ arguments: [String], _ inherited: [Descriptor]
    ) throws(Errno) -> (pid: Int32, output: Descriptor, messages: Descriptor) {
        let output = try Descriptor.pipe()
        let messages = try Descriptor.pipe()
        let pid = try Spawn(
            path: path, arguments: ["qemu-img"] + arguments, environment: QEMUEnvironment.variables,
            descriptors: [try .open("/dev/null"), output.writing, messages.writing] + inherited,
            parentDeathSignal: .kill, limits: ProcessLimits(noNewPrivileges: true)
        ).start()
        return (pid, output.reading, messages.reading)
    }

    /// To the end of what it says.
    private static func follow(_ output: Descriptor, _ progress: (Int) -> Void) throws(Errno) {
        var (told, buffer) = (CopyProgress(from: .now()), [UInt8](repeating: 0, count: 4096))
        while true {
            let got = try output.read(into: &buffer)
            if got == 0 { return }
            if let percent = told.take(buffer[..<got], at: .now()) { progress(percent) }
        }
    }

    private static func failure(_ status: WaitStatus, _ words: [String]) -> ClientFailure {
        let said = terminalLine(words.joined(separator: "; "))
        if words.contains(where: { $0.holds("Failed to get") && $0.holds("lock") }) {
            return ClientFailure(
                .no,
                "the disk is in use: \(said); a guest that runs has it: use docker exec in its container, or stop it")
        }
        return ClientFailure(.no, "qemu-img \(status): \(said)")
    }
}
