import Basics

/// What has to be done to the system disk before QEMU starts: nothing, create it, or grow it.
public enum DiskPreparation: Equatable, Sendable {
    case none
    case create(path: String, NewImage)
    case grow(to: MiB)

    /// A file that exists is never touched otherwise.
    ///
    /// - Parameter size: `DISK_SIZE`.
    /// - Throws: `.configuration` for a smaller disk than there is, and where the size is missing or cannot be given.
    public static func plan(
        create: Bool, size: MiB?, path: String, inspection: DiskInspection
    ) throws(Fault) -> DiskPreparation {
        if inspection.isMissing {
            if let image = inspection.image { return try over(image, size: size) }
            // That it is missing is a fault of the inspection already.
            guard create else { return .none }
            guard let size else {
                throw Fault(
                    .configuration, "CREATE_DISK", "\(quoted(path)) is to be created, but how large? set DISK_SIZE=20G")
            }
            return .create(path: path, NewImage(.disk, size: size.bytes))
        }
        guard let size, let disk = inspection.image?.top, size.bytes != disk.virtualSize else { return .none }
        try refuse(size, smallerThan: disk)
        guard disk.file.kind == .regular else {
            throw Fault(
                .configuration, "DISK_SIZE",
                "\(size) is more than the \(present(disk)), and a block device is grown on the host; "
                    + "unset DISK_SIZE")
        }
        return .grow(to: size)
    }

    /// - Parameter image: with a base behind it, and yet to be made.
    private static func over(_ image: DiskImage, size: MiB?) throws(Fault) -> DiskPreparation {
        let path = image.top.file.path
        guard let base = image.backing.first else { return .none }
        if let size { try refuse(size, smallerThan: base) }
        let new = NewImage(
            .overlay(of: BackingRule.name(of: base.file.name, inImageAt: path), base.format),
            size: image.top.virtualSize)
        return .create(path: path, new)
    }

    private static func refuse(_ size: MiB, smallerThan disk: DiskLayer) throws(Fault) {
        guard size.bytes < disk.virtualSize else { return }
        throw Fault(
            .configuration, "DISK_SIZE",
            "\(size) is less than the \(present(disk)), and shrinking destroys data; "
                + "unset DISK_SIZE, or set it to \(smallest(disk)) or more")
    }

    private static func present(_ disk: DiskLayer) -> String {
        "\(MiB(bytes: disk.virtualSize)) that \(quoted(disk.file.name)) has"
    }

    /// The smallest `DISK_SIZE` that holds it, in MiB.
    private static func smallest(_ disk: DiskLayer) -> Int {
        let whole = MiB(bytes: disk.virtualSize)
        return whole.bytes == disk.virtualSize ? whole.count : whole.count + 1
    }

    // MARK: qemu-img's arguments, its name first

    /// The number of the first descriptor that it inherits.
    public static let firstDescriptor: Int32 = 3

    /// An image for qemu-img, which inherits its files in order.
    public static func name(of source: some DiskSource) -> String { source.imageName }

    /// To copy some bytes of the disk in an image into the file of the descriptor that comes after its own.
    public static func reading(_ bytes: Range<Int>, of image: DiskImage) -> [String] {
        let part: QEMUProperty = .object([
            "driver": "raw", "offset": .integer(bytes.lowerBound), "size": .integer(bytes.count),
            "file": image.tree,
        ])
        return ["qemu-img", "convert", "-O", "raw", "json:" + part.json, target(after: image)]
    }

    /// To copy the disk in an image, all of it, into the file of the descriptor that comes after its own, which is empty.
    public static func conversion(
        of source: some DiskSource, to format: Configuration.DiskFormat, options: [String] = []
    ) -> [String] {
        ["convert", "-O", format.rawValue] + options + [name(of: source), target(after: source)]
    }

    /// To read it and the disk in that file, and see whether they are the same.
    public static func comparison(of source: some DiskSource, with format: Configuration.DiskFormat) -> [String] {
        ["compare", "-F", format.rawValue, name(of: source), target(after: source)]
    }

    private static func target(after source: some DiskSource) -> String {
        "/proc/self/fd/\(firstDescriptor + Int32(source.files.count))"
    }

    /// To grow an image, whose files are the descriptors.
    public static func growth(of image: DiskImage, to size: MiB) -> [String] {
        ["qemu-img", "resize", "-q", name(of: image), String(size.bytes)]
    }
}
