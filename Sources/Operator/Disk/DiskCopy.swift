import Basics
import Linux
import Machine

/// A disk written into a new file, and compared with it.
struct DiskCopy<Source: DiskSource> {
    private let source: Source
    private let qemuImg: QEMUImg

    init(_ source: Source, _ qemuImg: QEMUImg) {
        (self.source, self.qemuImg) = (source, qemuImg)
    }

    /// The file has its name when all of the disk is in it.
    func make(
        _ file: String, _ format: Configuration.DiskFormat, _ layout: DiskCare.Layout, progress: (String) -> Void
    ) throws(ClientFailure) -> String {
        let new = try NewDisk(file, replaces: false)
        defer { new.giveUp() }
        try write(to: new, format, format == .raw ? [] : layout.options, progress)
        let after = new.allocated
        _ = try new.takePlace(keepingOldAs: nil)
        return
            "\(quoted(file)): \(format.rawValue), \(MiB(bytes: after)) on its volume; compared with \(quoted(source.path)) and the same"
    }

    func write(
        to new: NewDisk, _ format: Configuration.DiskFormat, _ options: [String], _ progress: (String) -> Void
    ) throws(ClientFailure) {
        let (needed, free) = (try qemuImg.measure(source), try new.space().free)
        guard needed <= free else {
            throw ClientFailure(
                .no,
                "\(quoted(new.name)): its volume has \(MiB(bytes: free)) free, and a copy may take \(MiB(bytes: needed)); make room"
            )
        }
        progress("writing \(new.name)")
        try new.write(source, as: format, options: options, qemuImg) { progress("writing \(new.name): \($0) %") }
        progress("comparing \(new.name)")
        try new.compare(with: source, as: format, qemuImg) { progress("comparing \(new.name): \($0) %") }
    }
}
