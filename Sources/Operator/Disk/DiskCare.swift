import Basics
import JSON
import Linux
import Machine

/// What is done to a disk that no guest has. A copy takes its place only after it has been compared with it.
public struct DiskCare {
    /// How a qcow2 is laid out that is written anew.
    public struct Layout: Equatable, Sendable {
        public static let clusterSizes = ["64K", "128K", "256K", "512K", "1M", "2M"]

        /// By zstd. What the guest writes afterwards is not.
        public var isCompressed: Bool
        /// One of those; nil: qemu-img's own, 64 KiB.
        public var clusterSize: String?

        public init(isCompressed: Bool = false, clusterSize: String? = nil) {
            (self.isCompressed, self.clusterSize) = (isCompressed, clusterSize)
        }

        var options: [String] {
            let settings = [isCompressed ? "compression_type=zstd" : nil, clusterSize.map { "cluster_size=\($0)" }]
                .compactMap { $0 }
            return (isCompressed ? ["-c"] : []) + (settings.isEmpty ? [] : ["-o", settings.joined(separator: ",")])
        }
    }

    private let image: DiskImage
    private let qemuImg: QEMUImg
    private let details: DiskDetails

    public init(_ image: DiskImage, _ qemuImg: QEMUImg) throws(ClientFailure) {
        (self.image, self.qemuImg) = (image, qemuImg)
        details = try DiskDetails(image, qemuImg)
    }

    private var path: String { image.top.file.path }

    /// - Returns: what was found, and whether the image may be used.
    public func check() throws(ClientFailure) -> (text: String, isGood: Bool) {
        guard details.format == "qcow2" else {
            return ("\(quoted(path)): \(details.format), which has nothing to check", true)
        }
        let (damages, leaks) = try qemuImg.json(
            ["check", "--output=json", DiskPreparation.name(of: image)], on: image, fine: [2, 3]
        ) { answer throws(JSONMismatch) in
            (answer["corruptions"]?.integer(as: Int64.self) ?? 0, answer["leaks"]?.integer(as: Int64.self) ?? 0)
        }
        if damages > 0 {
            let remedy = "restore a backup, or repair a copy of it: qemu-img check -r all"
            return ("\(quoted(path)): \(damages) places are damaged; \(remedy)", false)
        }
        guard leaks > 0 else { return ("\(quoted(path)): no damage", true) }
        return (
            "\(quoted(path)): no damage; \(leaks) clusters belong to nothing, which only takes room: drover disk compact",
            true
        )
    }

    /// Writes it anew without what it does not use any more. The bitmaps of backups are kept.
    public func compact(_ layout: Layout, progress: (String) -> Void) throws(ClientFailure) -> String {
        guard details.format == "qcow2" else {
            throw ClientFailure(
                .usage, "\(quoted(path)) is \(details.format); make it a qcow2: drover disk convert --format qcow2")
        }
        if let base = details.backingFile {
            throw ClientFailure(
                .usage,
                "\(quoted(path)) lies over \(quoted(base)), and a copy would hold that as well; it is left as it is")
        }
        guard details.snapshots.isEmpty else {
            throw ClientFailure(
                .usage,
                "\(quoted(path)) has snapshots, which a copy would not have "
                    + "(\(terminalLine(details.snapshots.joined(separator: ", ")))); delete them first: drover snapshot delete"
            )
        }
        // What is damaged reads as zeros, of which a copy would be no worse and the disk would be gone.
        let found = try check()
        guard found.isGood else { throw ClientFailure(.no, found.text) }
        let options = layout.options + (details.bitmaps.isEmpty ? [] : ["--bitmaps", "--skip-broken-bitmaps"])
        let new = try NewDisk(path, replaces: true)
        defer { new.giveUp() }
        try DiskCopy(image, qemuImg).write(to: new, .qcow2, options, progress)
        let (before, after) = (new.oldAllocated, new.allocated)
        // Nobody needs to wait until somebody has looked at it: it has been.
        _ = try new.takePlace(keepingOldAs: nil)
        let percent = before > 0 ? 100 - Int(after * 100 / before) : 0
        return
            "\(quoted(path)): \(MiB(bytes: before)) before, \(MiB(bytes: after)) now (\(percent) % less); compared and the same"
    }

    /// Writes it into a new file, all of it, also what it lies over.
    public func convert(
        to file: String, _ format: Configuration.DiskFormat, _ layout: Layout, progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        try DiskCopy(image, qemuImg).make(file, format, layout, progress: progress)
    }

    /// Makes it larger; its contents stay where they are.
    public func grow(to size: MiB) throws(ClientFailure) -> String {
        guard size.bytes > details.virtualSize else {
            throw ClientFailure(
                .usage,
                "\(quoted(path)) has \(MiB(bytes: details.virtualSize)) already, and shrinking destroys data; name more than that"
            )
        }
        guard image.top.file.kind == .regular else {
            throw ClientFailure(.usage, "\(quoted(path)) is a block device, which is grown on the host")
        }
        try qemuImg.run(["resize", "-q", DiskPreparation.name(of: image), String(size.bytes)], on: image)
        return
            "\(quoted(path)): \(size); the guest's partitions are as before, and a GNU/Hurd reads no file system that has been enlarged"
    }
}
