import Basics
import Linux

/// An image while it comes: bytes in order, to a file or into a block device.
///
/// Of a device the first MiB is written last, when all else is on it: without it nothing boots from it, and it counts as
/// empty.
final class IncomingImage {
    static let headSize = 1 << 20

    let path: String
    private let file: Descriptor
    private var hash = SHA256()
    /// Bytes that have come.
    private(set) var count: Int64 = 0
    /// Of a device; nil: a file, which ends where its volume is full.
    private let capacity: Int64?
    /// Those that are held back.
    private var head: [UInt8] = []

    /// A file that goes on where an earlier try has ended.
    ///
    /// - Parameter isKept: what is there already is the beginning of the same image.
    init(file path: String, isKept: Bool) throws(ClientFailure) {
        (self.path, capacity) = (path, nil)
        if !isKept { try? removeFile(path) }
        let flags: Descriptor.Flags = [.readWrite, .create, .noFollow]
        file = try ClientFailure.of(path, "cannot take the image") { () throws(Errno) in
            try Descriptor.open(path, isKept ? flags : flags.union(.exclusive))
        }
        guard (try? file.lock(exclusively: true)) != nil else {
            throw ClientFailure(.no, "\(quoted(path)): another import is at work on it; wait for it")
        }
        try ClientFailure.of(path, "cannot be read") { () throws(Errno) in try readWhatIsThere() }
    }

    /// A block device that holds nothing yet.
    ///
    /// - Parameter device: opened for reading and writing.
    init(device: Descriptor, path: String) throws(ClientFailure) {
        (self.path, file) = (path, device)
        capacity = try ClientFailure.of(path, "cannot take the image") { () throws(Errno) in
            let size = try device.seekToEnd()
            try device.seek(to: Int64(Self.headSize))
            return size
        }
        head.reserveCapacity(Self.headSize)
    }

    private func readWhatIsThere() throws(Errno) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = try file.read(into: &buffer)
            if got == 0 { return }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
            count += Int64(got)
        }
    }

    var digest: String { hash.digest() }

    /// - Parameter size: of the image, or of what has come of it, in bytes.
    func checkRoom(for size: Int64) throws(ClientFailure) {
        guard let capacity, size > capacity else { return }
        throw ClientFailure(
            .no,
            "\(quoted(path)) has \(MiB(bytes: capacity)), and the image is larger; a larger device or claim takes it")
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(ClientFailure) {
        try checkRoom(for: count + Int64(bytes.count))
        hash.update(bytes)
        count += Int64(bytes.count)
        var rest = bytes
        if capacity != nil, head.count < Self.headSize {
            let held = min(Self.headSize - head.count, rest.count)
            head.append(contentsOf: rest[..<held])
            rest = UnsafeRawBufferPointer(rebasing: rest[held...])
        }
        while !rest.isEmpty {
            let written = try ClientFailure.of(path, "cannot take the image") { () throws(Errno) in try file.write(rest)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// All that came is on the volume then, the first of it last.
    func complete() throws(ClientFailure) {
        try ClientFailure.of(path, "cannot keep the image") { () throws(Errno) in
            try file.synchronize()
            guard capacity != nil else { return }
            try file.seek(to: 0)
            var written = 0
            while written < head.count { written += try file.write(head, from: written) }
            try file.synchronize()
        }
    }
}
