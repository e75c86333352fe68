/// What the header of another program's image says, judged as far as the header itself can be.
struct ForeignHeader: Equatable {
    /// In bytes. A VHD's may be a few sectors more than what QEMU makes of its geometry.
    let virtualSize: Int64
    /// The files that hold the disk, in order; empty: the image does itself.
    let extents: [VMDKExtent]

    init(virtualSize: Int64, extents: [VMDKExtent] = []) {
        (self.virtualSize, self.extents) = (virtualSize, extents)
    }

    /// - Throws: `.refused` too, what is not to be read or cannot be.
    init(_ format: ImageFormat, _ window: ImageWindow) throws(DiskHeader.Problem) {
        switch format {
        case .vdi: virtualSize = try VDIHeader(window).virtualSize
        case .vhdx: virtualSize = try VHDXHeader(window).virtualSize
        case .vpc: virtualSize = try VHDFooter.read(window)
        case .vmdk:
            guard try VMDKSparseHeader.isOne(window) else {
                extents = try VMDKDescriptor(ofFile: window).extents
                virtualSize = try VMDKDescriptor.size(of: extents)
                return
            }
            virtualSize = try VMDKSparseHeader(window).checkedAlone(window)
        case .qcow2, .raw: throw .refused("is \(format.rawValue)")
        }
        extents = []
    }
}
