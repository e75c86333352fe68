import Basics
import Linux

extension SharedFolder {
    /// The CD, as a sealed file in memory. What a file has lost since it was looked at is zeros, and told in `omissions`.
    public mutating func sealed() throws(Fault) -> Descriptor {
        let image = try image()
        var lost: [String] = []
        defer {
            for path in lost {
                omissions.append(Omission(path: path, reason: "has changed while it was read, and is cut short"))
            }
        }
        do throws(Errno) {
            let folder = try Folder(path, followingLinks: true)
            return try Descriptor.sealedMemory("drover-share", size: image.size) { (file) throws(Errno) in
                try file.writeAll(image.front)
                for place in image.places {
                    if try !Self.copy(place, from: folder, to: file) { lost.append(place.file.source) }
                }
            }
        } catch {
            throw Fault(.unavailable, "SHARE_DIR", "the CD of \(quoted(path)) cannot be kept in memory: \(error)")
        }
    }

    /// - Returns: whether all of it was there.
    private static func copy(
        _ place: ISOImage.Place, from folder: Folder, to target: Descriptor
    ) throws(Errno) -> Bool {
        guard let source = open(place.file.source, in: folder) else { return false }
        try target.seek(to: Int64(place.offset))
        var left = place.file.size
        var buffer = [UInt8](repeating: 0, count: min(left, 1 << 20))
        while left > 0 {
            guard let got = try? source.read(into: &buffer), got > 0 else { return false }
            try target.writeAll(Array(buffer.prefix(min(got, left))))
            left -= got
        }
        return true
    }

    private static func open(_ way: String, in folder: Folder) -> Descriptor? {
        var names = way.split(separator: "/").map(String.init)
        let last = names.removeLast()
        do throws(Errno) {
            var folder = folder
            for name in names { folder = try folder.folder(name) }
            return try folder.file(last)
        } catch {
            return nil
        }
    }
}
