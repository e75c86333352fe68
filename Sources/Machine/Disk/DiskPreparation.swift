import Basics

/// What has to be done to the system disk before QEMU starts: nothing, create it, or grow it.
public enum DiskPreparation: Equatable, Sendable {
    case none
    /// `arguments` (qemu-img's, its name first) make a file at `temporary`, which then gets the name `path`: a creation
    /// that is interrupted leaves no half of a disk behind.
    case create(arguments: [String], temporary: String, path: String)
    /// `qemu-img` arguments, its name first.
    case grow(arguments: [String])

    /// A file that exists is never touched otherwise.
    ///
    /// - Parameter size: `DISK_SIZE`.
    /// - Throws: `.configuration` for a smaller disk than there is, and where the size is missing or cannot be given.
    public static func plan(
        create: Bool, size: MiB?, path: String, inspection: DiskInspection
    ) throws(Fault) -> DiskPreparation {
        if inspection.isMissing {
            // That it is missing is a fault of the inspection already.
            guard create else { return .none }
            guard let size else {
                throw Fault(
                    .configuration, "CREATE_DISK", "\(quoted(path)) is to be created, but how large? set DISK_SIZE=20G")
            }
            let temporary = fileName(path) + ".creating"
            return .create(
                arguments: [
                    "qemu-img", "create", "-q", "-f", "qcow2", "-o", "compression_type=zstd,preallocation=metadata",
                    temporary, String(size.bytes),
                ], temporary: temporary, path: fileName(path))
        }
        guard let size, let image = inspection.image, size.bytes != image.virtualSize else { return .none }
        let present = "\(MiB(bytes: image.virtualSize)) that \(quoted(path)) has"
        guard size.bytes > image.virtualSize else {
            throw Fault(
                .configuration, "DISK_SIZE",
                "\(size) is less than the \(present), and shrinking destroys data; "
                    + "unset DISK_SIZE, or set it to \(smallest(image)) or more")
        }
        guard !image.isBlockDevice else {
            throw Fault(
                .configuration, "DISK_SIZE",
                "\(size) is more than the \(present), and a block device is grown on the host; "
                    + "unset DISK_SIZE")
        }
        return .grow(arguments: [
            "qemu-img", "resize", "-q", "-f", image.format.rawValue, fileName(path), String(size.bytes),
        ])
    }

    /// The smallest `DISK_SIZE` that holds it, in MiB.
    private static func smallest(_ image: DiskImage) -> Int {
        let whole = MiB(bytes: image.virtualSize)
        return whole.bytes == image.virtualSize ? whole.count : whole.count + 1
    }

    /// qemu-img takes a leading dash for an option and what precedes a colon for a protocol; neither is one behind a
    /// slash.
    private static func fileName(_ path: String) -> String {
        path.utf8.first == UInt8(ascii: "/") ? path : "./" + path
    }
}
