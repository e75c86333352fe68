import Basics
import Linux

/// An image of another program that was looked at, and the files that it names.
public struct ForeignImage: DiskSource {
    /// An extent and the file that it was found to be.
    struct Extent {
        let file: DiskFile
        let kind: VMDKExtent.Kind
        let sectors: UInt64
    }

    public let variable: String
    let format: ImageFormat
    /// In bytes; nil of a VHD, of whose geometry QEMU may make a few sectors less.
    public let virtualSize: Int64?
    let file: DiskFile
    /// Of a VMDK that is no more than their names.
    let extents: [Extent]

    public var path: String { file.path }
    public var files: [DiskFile] { [file] + extents.map(\.file) }

    public var imageName: String {
        let own = "/proc/self/fd/\(DiskPreparation.firstDescriptor)"
        var image: [String: QEMUProperty] = [
            "driver": .string(format.rawValue), "read-only": true,
            "file": .object(["driver": "file", "filename": .string(own), "read-only": true]),
        ]
        // Of those formats the only one whose parent QEMU would look for.
        if format == .vmdk { image["backing"] = .null }
        return "json:" + QEMUProperty.object(image).json
    }

    /// In the place of a descriptor that names extents stands another of our own, which names what was found.
    public func find() throws(Fault) -> [Descriptor] {
        var descriptors: [Descriptor] = []
        for file in files { descriptors.append(try file.find(for: variable)) }
        guard !extents.isEmpty else { return descriptors }
        do throws(Errno) {
            descriptors[0] = try .sealedMemory("vmdk", Array(descriptor.utf8))
        } catch {
            throw Fault(.unavailable, variable, "no memory for the descriptor of \(quoted(path)): \(error)")
        }
        return descriptors
    }

    /// As QEMU reads it, which takes an absolute name as it is (block/vmdk.c, vmdk_parse_extents).
    var descriptor: String {
        let lines = extents.enumerated().map { index, extent in
            let name = "\"/proc/self/fd/\(DiskPreparation.firstDescriptor + 1 + Int32(index))\""
            return switch extent.kind {
            case .sparse: "RW \(extent.sectors) SPARSE \(name)"
            case .flat(let offset): "RW \(extent.sectors) FLAT \(name) \(offset)"
            }
        }
        let isFlat = extents.allSatisfy { $0.kind != .sparse }
        // No empty line: QEMU would read what follows it once more.
        return """
            # Disk DescriptorFile
            version=1
            CID=fffffffe
            parentCID=ffffffff
            createType="\(isFlat ? "twoGbMaxExtentFlat" : "twoGbMaxExtentSparse")"
            \(lines.joined(separator: "\n"))

            """
    }
}
