import Foundation
import Linux

/// An empty qcow2 image of 1 MiB by qemu-img, whose copies name what a test wants.
struct ImageTemplate {
    private let bytes: [UInt8]

    init() throws {
        let qemuImg = try QEMUImg()
        try qemuImg.run(["create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", "template", "1M"])
        bytes = try Array(Data(contentsOf: URL(fileURLWithPath: qemuImg.path("template"))))
    }

    /// - Parameters:
    ///   - backing: name and format.
    func naming(backing: (name: String, format: String?)? = nil, dataFile: String? = nil) -> [UInt8] {
        var image = bytes
        var area: [UInt8] = []
        func append(_ kind: UInt32, _ text: String) {
            area += big(kind) + big(UInt32(text.utf8.count)) + Array(text.utf8)
            area += [UInt8](repeating: 0, count: (8 - text.utf8.count % 8) % 8)
        }
        if let format = backing?.format { append(0xE279_2ACA, format) }
        if let dataFile {
            append(0x4441_5441, dataFile)
            image[79] = 4
        }
        area += [UInt8](repeating: 0, count: 8)
        let start = 112
        if let backing {
            image.replaceSubrange(8..<20, with: big(UInt64(start + area.count)) + big(UInt32(backing.name.utf8.count)))
            area += Array(backing.name.utf8)
        }
        area += [UInt8](repeating: 0, count: 4096 - start - area.count)
        image.replaceSubrange(start..<4096, with: area)
        return image
    }

    private func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
