/// An ISO 9660 image of a tree, with Rock Ridge's names and attributes and with Joliet's names, labelled `cidata`.
///
/// The same tree gives the same bytes: dates are constant, and the order of its files does not matter.
public struct ISOImage {
    /// What cloud-init's NoCloud looks for, in lower case as its documentation writes it, though ECMA-119 §8.4.8 wants
    /// upper case.
    public static let label = "cidata"

    /// Zeros after the volume, in sectors: GNU Mach's IDE driver reports a CD one sector short.
    static let padding = 16
    /// Left to the system at the start (ECMA-119 §6.2.1), in sectors.
    private static let systemArea = 16
    private static let descriptors = 3

    private let files: [ISOFile]
    private let fileExtents: [Extent]
    private let primary: HierarchyLayout
    private let joliet: HierarchyLayout
    private let continuationArea: ContinuationArea
    private let continuation: Extent
    private let volumeSectors: Int

    /// Gives everything its place.
    public init(_ tree: ISOTree) throws(ISOTreeError) {
        try tree.check()
        let catalog = ISOCatalog(tree)
        var area = ContinuationArea()
        var allocator = ExtentAllocator(from: Self.systemArea + Self.descriptors)
        primary = HierarchyLayout(Hierarchy.primary(catalog, &area), &allocator)
        continuationArea = area
        continuation = allocator.place(area.content.bytes.count)
        joliet = HierarchyLayout(Hierarchy.joliet(catalog), &allocator)
        files = catalog.files
        fileExtents = files.map { allocator.place($0.contents.count) }
        volumeSectors = allocator.nextSector
    }

    /// In bytes, whole sectors, padding included.
    public var size: Int { (volumeSectors + Self.padding) * ISOBytes.sector }

    /// Writes the image, `size` bytes.
    public func encoded() -> [UInt8] {
        var bytes = ISOBytes(capacity: size)
        bytes.fill(toSector: Self.systemArea)
        for (kind, layout) in [(VolumeDescriptor.Kind.primary, primary), (.joliet, joliet)] {
            layout.descriptor(kind, label: Self.label, volumeSectors: volumeSectors).encode(into: &bytes)
        }
        VolumeDescriptor.encodeTerminator(into: &bytes)
        primary.encode(files: fileExtents, continuation: continuation.sector, into: &bytes)
        bytes.fill(toSector: continuation.sector)
        bytes.raw(continuationArea.content.bytes)
        joliet.encode(files: fileExtents, continuation: continuation.sector, into: &bytes)
        for (file, extent) in zip(files, fileExtents) {
            bytes.fill(toSector: extent.sector)
            bytes.raw(file.contents)
        }
        bytes.fill(toSector: volumeSectors + Self.padding)
        return bytes.bytes
    }
}
