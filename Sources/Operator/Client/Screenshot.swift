import Basics
import Glibc
import Linux
import Machine
import QMP

/// `drover screenshot`: the guest's screen as PNG.
public enum Screenshot {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// More than the largest mode of a VGA needs, not compressed.
    private static let limit = 64 << 20

    /// - Parameter directory: PID 1's, which QEMU may write to and others may not; nothing stays there.
    public static func take(
        _ client: QMPClient, directory: String, until deadline: Instant
    ) throws(ClientFailure) -> [UInt8] {
        let path = "\(directory)/screenshot-\(getpid()).png"
        defer { try? removeFile(path) }
        try client.expectSuccess(
            of: QMPCommand("screendump", ["filename": .string(path), "format": "png"]), until: deadline)
        let image: [UInt8]
        do throws(Errno) {
            image = try readFile(path, limit: limit)
        } catch .permissionDenied {
            throw ClientFailure(
                .notPermitted, "QEMU's \(quoted(path)) is not for this uid; use that of drover, or root")
        } catch {
            throw ClientFailure(.broken, "QEMU says that it took a picture, but \(quoted(path)): \(error)")
        }
        guard image.starts(with: signature) else {
            throw ClientFailure(.broken, "QEMU's picture is no PNG; this QEMU is older than 7.1")
        }
        return image
    }

    /// Replaces `path` at once, so that nobody ever reads half a picture.
    public static func write(_ image: [UInt8], to path: String) throws(ClientFailure) {
        if let kind = try? FileStatus(of: path).kind, kind != .regular {
            throw ClientFailure(.usage, "\(quoted(path)) is no regular file; name another, or - for standard output")
        }
        let partial = "\(path).\(getpid())"
        do throws(Errno) {
            do throws(Errno) {
                try Descriptor.open(partial, [.writeOnly, .create, .exclusive], mode: 0o644).writeAll(image)
                try renameFile(partial, to: path)
            } catch .fileExists {
                throw .fileExists  // another's: it stays
            } catch {
                try? removeFile(partial)
                throw error
            }
        } catch {
            let isForbidden = error == .permissionDenied || error == .readOnlyFileSystem
            throw ClientFailure(
                isForbidden ? .notPermitted : .absent,
                "\(quoted(path)) cannot be written: \(error); name another file, or - for standard output")
        }
    }
}
