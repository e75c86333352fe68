import Basics
import Linux

/// A disk as QEMU gets it: the image, and every file behind it that QEMU would otherwise look for by the names in it.
public struct DiskImage: Equatable, Sendable {
    /// The one that names it, such as `QEMU_DRIVE`.
    public let variable: String
    public var top: DiskLayer
    /// Each the backing file of the one before; the first is that of `top`.
    public let backing: [DiskLayer]
    /// Nobody may write into what is behind the image, not an operator either: it is shared, or to stay as it is.
    public var backingIsFixed: Bool

    public init(variable: String, top: DiskLayer, backing: [DiskLayer] = [], backingIsFixed: Bool = false) {
        self.variable = variable
        self.top = top
        self.backing = backing
        self.backingIsFixed = backingIsFixed
    }

    /// Without what it lies over.
    public var alone: DiskImage { DiskImage(variable: variable, top: top) }

    public var layers: [DiskLayer] { [top] + backing }

    /// In the order in which QEMU inherits them.
    public var files: [DiskFile] { layers.flatMap(\.files) }

    /// Where the overlay is to be that takes what the guest writes, and is gone at the end; nil when what it writes stays.
    public var overlayDirectory: String? { top.file.overlayDirectory }

    /// Finds every file again but the overlay, which has no name.
    ///
    /// - Throws: when one is not there any more, or another has its place.
    public func find() throws(Fault) -> [Descriptor] {
        var descriptors: [Descriptor] = []
        for file in files where file.overlayDirectory == nil { descriptors.append(try file.find(for: variable)) }
        return descriptors
    }

    /// As `find`, for a guest that writes to it. A block device is claimed as long as its descriptor is open: nobody mounts it
    /// meanwhile, and no other container gets it, which would not see QEMU's locks on a node of its own.
    public func findToWrite() throws(Fault) -> [Descriptor] {
        var descriptors = try find()
        guard top.file.kind == .device else { return descriptors }
        do throws(Errno) {
            descriptors[0] = try FoundFile(behind: descriptors[0]).open([.nonBlocking, .exclusive])
        } catch {
            let kind: Fault.Kind = error == .busy ? .temporary : Fault.Kind(error)
            throw Fault(kind, variable, "\(quoted(path)) cannot be had alone: \(error); it is mounted, or in use")
        }
        return descriptors
    }
}

/// One image, and the file that holds its data if it does not do so itself.
public struct DiskLayer: Equatable, Sendable {
    public var file: DiskFile
    public let format: Configuration.DiskFormat
    /// The size of the guest's disk in bytes.
    public let virtualSize: Int64
    public let dataFile: DiskFile?

    public init(
        _ file: DiskFile, format: Configuration.DiskFormat, virtualSize: Int64, dataFile: DiskFile? = nil
    ) {
        self.file = file
        self.format = format
        self.virtualSize = virtualSize
        self.dataFile = dataFile
    }

    var files: [DiskFile] { [file] + [dataFile].compactMap { $0 } }
}

/// A file that was looked at.
public struct DiskFile: Equatable, Sendable {
    /// As the owner or the image has written it.
    public let name: String
    /// Absolute and without links.
    public let path: String
    /// Nil when it has yet to be made.
    public var identity: FileIdentity?
    public let kind: Kind
    /// Of an overlay without a name.
    fileprivate let overlayDirectory: String?

    /// How QEMU has to open it.
    public enum Kind: Sendable { case regular, device, cdrom }

    /// A file that has yet to be made.
    public init(toBeMadeAt path: String) {
        (name, self.path, identity, kind, overlayDirectory) = (path, path, nil, .regular, nil)
    }

    /// A file that never gets a name; people see what it is instead.
    init(overlayOf file: DiskFile, in directory: String) {
        let name = file.path.utf8.split(separator: UInt8(ascii: "/")).last.flatMap { String($0) } ?? ""
        path = "\(directory)/(overlay of \(name))"
        (self.name, identity, kind, overlayDirectory) = (path, nil, .regular, directory)
    }

    public init(_ name: String, _ found: FoundFile, isCDROM: Bool = false) {
        (self.name, path, identity) = (name, found.path, found.status.identity)
        kind = isCDROM ? .cdrom : found.status.kind == .blockDevice ? .device : .regular
        overlayDirectory = nil
    }

    func find(for variable: String) throws(Fault) -> Descriptor {
        let found: FoundFile
        do throws(Errno) {
            found = try FoundFile(path)
        } catch {
            throw Fault(Fault.Kind(error), variable, "\(quoted(path)) cannot be reached any more: \(error)")
        }
        guard found.status.identity == identity else {
            throw Fault(
                .temporary, variable,
                "\(quoted(path)) is not the file that was checked; another has its place by now; start again")
        }
        return found.descriptor
    }
}
