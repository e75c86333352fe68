import Basics
import Linux
import Machine

/// An image that becomes the machine's disk, if there is none yet: whole, or not at all.
public struct DiskImport {
    public enum Source: Equatable, Sendable {
        case file(String)
        /// A stream, which is kept beside the disk until it is whole.
        case input
    }

    private let disk: Configuration.Disk
    private let qemuImg: QEMUImg

    public init(_ disk: Configuration.Disk, _ qemuImg: QEMUImg) {
        (self.disk, self.qemuImg) = (disk, qemuImg)
    }

    /// - Parameters:
    ///   - format: of the source; nil: its header says.
    ///   - digest: SHA-256 that the source must have.
    ///   - input: what `Source.input` is read from.
    /// - Returns: what has become of it.
    public func run(
        _ source: Source, _ format: Configuration.DiskFormat?, digest: String?, input: Descriptor,
        progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        if let found = try? FileStatus(of: disk.path), found.kind == .regular {
            return "\(quoted(disk.path)) is there already, and stays as it is"
        }
        switch source {
        case .file(let path):
            if let digest {
                progress("reading \(path)")
                try Self.check(try Self.digest(of: path), digest)
            }
            return try make(from: path, format, progress)
        case .input:
            let path = disk.path + ".drover-incoming"
            defer { try? removeFile(path) }
            progress("reading standard input")
            let found = try Self.keep(input, as: path)
            if let digest { try Self.check(found, digest) }
            return try make(from: path, format, progress)
        }
    }

    private func make(
        from path: String, _ format: Configuration.DiskFormat?, _ progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        let request = DiskRequest(path: path, format: format, readOnly: true, variable: DiskRequest.importOption)
        let inspection = DiskInspector().inspect(request)
        if let fault = inspection.faults.first { throw ClientFailure(fault) }
        guard let image = inspection.image else { throw ClientFailure(.absent, "\(quoted(path)) is no image") }
        return try DiskCare(image, qemuImg)
            .convert(to: disk.path, disk.format ?? .qcow2, DiskCare.Layout(), progress: progress)
    }

    private static func digest(of path: String) throws(ClientFailure) -> String {
        do throws(Errno) {
            return try Descriptor.open(path).sha256()
        } catch {
            throw ClientFailure(error, path, "cannot be read: \(error)")
        }
    }

    private static func check(_ found: String, _ digest: String) throws(ClientFailure) {
        guard found != digest else { return }
        throw ClientFailure(
            .no,
            "--sha256: the image is not that one, but has \(found); fetch it again, or from where the digest is from")
    }

    /// Writes all that comes to a new file.
    ///
    /// - Returns: the SHA-256 of it.
    private static func keep(_ input: Descriptor, as path: String) throws(ClientFailure) -> String {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        do throws(Errno) {
            try? removeFile(path)
            let file = try Descriptor.open(path, [.writeOnly, .create, .exclusive, .noFollow])
            while true {
                let got = try input.read(into: &buffer)
                if got == 0 { return hash.digest() }
                buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
                let bytes = Array(buffer[..<got])
                var written = 0
                while written < got { written += try file.write(bytes, from: written) }
            }
        } catch {
            throw ClientFailure(error, path, "cannot take what comes on standard input: \(error)")
        }
    }
}
