import Basics

/// What has to be done to the system disk before QEMU starts: nothing, create it, or grow it.
public enum DiskPreparation: Equatable, Sendable {
    case none
    /// An empty qcow2 image.
    case create(path: String, size: MiB)
    case grow(to: MiB)

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
            return .create(path: path, size: size)
        }
        guard let size, let disk = inspection.image?.top, size.bytes != disk.virtualSize else { return .none }
        let present = "\(MiB(bytes: disk.virtualSize)) that \(quoted(path)) has"
        guard size.bytes > disk.virtualSize else {
            throw Fault(
                .configuration, "DISK_SIZE",
                "\(size) is less than the \(present), and shrinking destroys data; "
                    + "unset DISK_SIZE, or set it to \(smallest(disk)) or more")
        }
        guard !disk.file.isBlockDevice else {
            throw Fault(
                .configuration, "DISK_SIZE",
                "\(size) is more than the \(present), and a block device is grown on the host; "
                    + "unset DISK_SIZE")
        }
        return .grow(to: size)
    }

    /// The smallest `DISK_SIZE` that holds it, in MiB.
    private static func smallest(_ disk: DiskLayer) -> Int {
        let whole = MiB(bytes: disk.virtualSize)
        return whole.bytes == disk.virtualSize ? whole.count : whole.count + 1
    }

    // MARK: qemu-img's arguments, its name first

    /// The number of the first descriptor that it inherits.
    public static let firstDescriptor: Int32 = 3

    /// To make an image in the file of the first descriptor.
    public static func creation(size: MiB) -> [String] {
        [
            "qemu-img", "create", "-q", "-f", "qcow2", "-o", "compression_type=zstd,preallocation=metadata",
            "/proc/self/fd/\(firstDescriptor)", String(size.bytes),
        ]
    }

    /// To grow an image, whose files are the descriptors.
    public static func growth(of image: DiskImage, to size: MiB) -> [String] {
        let nodes = DriveNodes(image, node: "disk", first: firstDescriptor)
        return ["qemu-img", "resize", "-q", "json:" + nodes.tree.json, String(size.bytes)]
    }
}
