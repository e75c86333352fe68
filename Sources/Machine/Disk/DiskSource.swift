import Basics
import Linux

/// What qemu-img reads a disk from: files that it inherits, and what it makes of them. It follows no name in them, and guesses
/// no format.
public protocol DiskSource {
    /// The one that names it, such as `QEMU_DRIVE`.
    var variable: String { get }
    /// Of the image itself; absolute, without links.
    var path: String { get }
    /// In the order in which they are inherited, from `DiskPreparation.firstDescriptor` on.
    var files: [DiskFile] { get }
    /// As qemu-img takes it: a `json:` file name.
    var imageName: String { get }
    /// Finds every file again.
    ///
    /// - Throws: when one is not there any more, or another has its place.
    func find() throws(Fault) -> [Descriptor]
}

extension DiskImage: DiskSource {
    public var path: String { top.file.path }
    public var imageName: String { "json:" + tree.json }

    var tree: QEMUProperty { DriveNodes(self, node: "disk", first: DiskPreparation.firstDescriptor).tree }
}
