import Basics
import JSON
import Machine

/// What qemu-img says of an image (QAPI schema, ImageInfo).
public struct DiskDetails: Equatable, Sendable {
    public let path: String
    public let format: String
    /// In bytes, as all here.
    public let virtualSize: Int64
    public let allocated: Int64
    /// Nil of a raw image.
    public let clusterSize: Int?
    public let compression: String?
    public let backingFile: String?
    public let snapshots: [String]
    public let bitmaps: [String]

    public init(_ image: DiskImage, _ qemuImg: QEMUImg) throws(ClientFailure) {
        self = try qemuImg.info(of: image.alone) {
            info throws(JSONMismatch) in try DiskDetails(info, image)
        }
    }

    init(_ info: JSONValue, _ image: DiskImage) throws(JSONMismatch) {
        let specific = info["format-specific"]?["data"]
        func names(_ list: JSONValue?) -> [String] { (list?.elements ?? []).map { $0["name"]?.text ?? "" } }
        path = image.top.file.path
        format = try info.string("format")
        virtualSize = try info.integer("virtual-size")
        allocated = try info.integer("actual-size")
        clusterSize = info["cluster-size"]?.integer()
        compression = specific?["compression-type"]?.text
        backingFile = image.backing.first?.file.path
        snapshots = names(info["snapshots"])
        bitmaps = names(specific?["bitmaps"])
    }

    public var text: String {
        var about = [format, "\(MiB(bytes: virtualSize))", "\(MiB(bytes: allocated)) on its volume"]
        if let clusterSize, format == "qcow2" { about.append("clusters of \(clusterSize >> 10) KiB") }
        if let compression { about.append(compression) }
        if let backingFile { about.append("over \(quoted(backingFile))") }
        for (names, noun) in [(snapshots, "snapshots"), (bitmaps, "bitmaps")] where !names.isEmpty {
            about.append("\(noun) \(terminalLine(names.joined(separator: " ")))")
        }
        return "\(quoted(path)): \(about.joined(separator: ", "))"
    }

    public var jsonValue: JSONValue {
        [
            "allocated": .integer(allocated), "backingFile": backingFile.map(JSONValue.string),
            "bitmaps": .strings(bitmaps), "clusterSize": clusterSize.map { .integer($0) },
            "compression": compression.map(JSONValue.string), "format": .string(format), "path": .string(path),
            "snapshots": .strings(snapshots), "virtualSize": .integer(virtualSize),
        ]
    }
}
