/// An ISO 9660 image of a tree, with Rock Ridge's names and attributes and, as `ISOForm` says, with Joliet's names.
///
/// The same tree gives the same bytes: the order of its files does not matter.
public struct ISOImage {
    /// Zeros after the volume, in sectors: GNU Mach's IDE driver reports a CD one sector short.
    static let padding = 16
    /// Left to the system at the start (ECMA-119 §6.2.1), in sectors.
    private static let systemArea = 16

    /// A file's content, from its first byte on.
    public struct Place: Equatable, Sendable {
        public let file: ISOFile
        /// From the start of the image, in bytes.
        public let offset: Int
    }

    private let form: ISOForm
    private let files: [ISOFile]
    private let fileExtents: [Extent]
    private let primary: HierarchyLayout
    private let joliet: HierarchyLayout?
    private let continuationArea: ContinuationArea
    private let continuation: Extent
    private let volumeSectors: Int

    /// Gives everything its place.
    public init(_ tree: ISOTree, as form: ISOForm = .seed) throws(ISOTreeError) {
        try tree.check(as: form)
        self.form = form
        let catalog = ISOCatalog(tree)
        var area = ContinuationArea()
        var allocator = ExtentAllocator(from: Self.systemArea + (form.hasJoliet ? 3 : 2))
        primary = HierarchyLayout(Hierarchy.primary(catalog, &area), &allocator)
        continuationArea = area
        continuation = allocator.place(area.content.bytes.count)
        joliet = form.hasJoliet ? HierarchyLayout(Hierarchy.joliet(catalog), &allocator) : nil
        files = catalog.files
        fileExtents = files.map { allocator.place($0.size) }
        volumeSectors = allocator.nextSector
    }

    /// In bytes, whole sectors, padding included.
    public var size: Int { (volumeSectors + Self.padding) * ISOBytes.sector }

    /// Writes the image, `size` bytes.
    public func encoded() -> [UInt8] {
        var bytes = ISOBytes(capacity: size)
        encodeFront(into: &bytes)
        for (file, extent) in zip(files, fileExtents) {
            bytes.fill(toSector: extent.sector)
            bytes.raw(file.contents)
        }
        bytes.fill(toSector: volumeSectors + Self.padding)
        return bytes.bytes
    }

    /// The image up to its first file.
    public var front: [UInt8] {
        var bytes = ISOBytes()
        encodeFront(into: &bytes)
        return bytes.bytes
    }

    /// Where each file's bytes are to be; what is between them is zeros.
    public var places: [Place] {
        zip(files, fileExtents).map { Place(file: $0, offset: $1.sector * ISOBytes.sector) }
    }

    private func encodeFront(into bytes: inout ISOBytes) {
        bytes.fill(toSector: Self.systemArea)
        primary.descriptor(.primary, label: form.label, volumeSectors: volumeSectors).encode(into: &bytes)
        joliet?.descriptor(.joliet, label: form.label, volumeSectors: volumeSectors).encode(into: &bytes)
        VolumeDescriptor.encodeTerminator(into: &bytes)
        primary.encode(files: fileExtents, continuation: continuation.sector, into: &bytes)
        bytes.fill(toSector: continuation.sector)
        bytes.raw(continuationArea.content.bytes)
        joliet?.encode(files: fileExtents, continuation: continuation.sector, into: &bytes)
    }
}
