import Basics
import Linux
import Machine

/// What of a folder goes onto a CD, and what does not: looked at once, without reading a file.
///
/// Nothing outside is reached: no part of the way to a file may be a link, neither when it is found nor when it is read.
public struct SharedFolder {
    /// What is left out.
    public struct Omission: Equatable, Sendable, CustomStringConvertible {
        /// Below the folder.
        public let path: String
        public let reason: String

        public var description: String { "\(quoted(path)) \(reason)" }
    }

    public let path: String
    public private(set) var omissions: [Omission] = []
    private(set) var tree = ISOTree(files: [])
    private(set) var count = (files: 0, directories: 0)

    /// - Throws: `SHARE_DIR` as the source, when the folder cannot be read, or has more than a CD of Drover's takes.
    public init(_ path: String) throws(Fault) {
        self.path = path
        let folder: Folder
        do throws(Errno) {
            folder = try Folder(path, followingLinks: true)
            tree.date = date(try folder.status)
            (tree.files, tree.directories) = try look(into: folder, below: [])
        } catch .tooLarge {
            throw Fault(
                .configuration, "SHARE_DIR",
                "\(quoted(path)) has more than \(ISOForm.share.mostEntries) files and folders, which is all that a CD of "
                    + "Drover's takes; share a smaller one")
        } catch {
            throw Fault(Fault.Kind(error), "SHARE_DIR", "\(quoted(path)) cannot be read: \(error)")
        }
        let (size, limit) = (Int64(try image().size), Configuration.ShareSettings.largestCD)
        guard size <= limit.bytes else {
            throw Fault(
                .configuration, "SHARE_DIR",
                "\(quoted(path)) makes a CD of \(size) bytes, and \(limit) are the most, as it lies in memory; share a "
                    + "smaller folder")
        }
    }

    /// With every file in its place.
    func image() throws(Fault) -> ISOImage {
        do throws(ISOTreeError) {
            return try ISOImage(tree, as: .share)
        } catch {
            throw Fault(.configuration, "SHARE_DIR", "\(quoted(path)) makes no CD: \(error)")
        }
    }

    public var summary: String {
        let size = MiB(bytes: tree.allFiles.reduce(0) { $0 + Int64($1.file.size) })
        return "\(count.files) files and \(count.directories) folders (\(size)) of \(quoted(path))"
    }

    // MARK: What is there

    /// - Parameter parents: the names of the folders on the way.
    private mutating func look(
        into folder: Folder, below parents: [String]
    ) throws(Errno) -> ([ISOFile], [ISODirectory]) {
        var (files, directories): ([ISOFile], [ISODirectory]) = ([], [])
        for name in try folder.names(limit: ISOForm.share.mostEntries).sorted() {
            let way = parents + [name]
            let status: FileStatus
            do throws(Errno) {
                if let reason = Self.objection(toName: name, at: way) {
                    omit(way, reason)
                    continue
                }
                status = try FileStatus(of: folder.path(of: name), followingLinks: false)
                switch status.kind {
                case .regular:
                    guard canAccess(folder.path(of: name), reading: true) else { throw .permissionDenied }
                    files.append(
                        ISOFile(
                            name: name, size: Int(status.size), mode: status.permissions & 0o111 == 0 ? 0o444 : 0o555,
                            date: date(status), source: way.joined(separator: "/")))
                    count.files += 1
                case .directory:
                    guard way.count < ISOTree.mostLevels else {
                        omit(way, "is a folder on level \(way.count + 1), and \(ISOTree.mostLevels) are the most")
                        continue
                    }
                    let inside = try look(into: try folder.folder(name), below: way)
                    directories.append(
                        ISODirectory(
                            name: name, files: inside.0, directories: inside.1, mode: 0o555, date: date(status)))
                    count.directories += 1
                case .symbolicLink:
                    omit(way, "is a symbolic link, which is not followed")
                case .characterDevice, .blockDevice, .fifo, .socket, .unknown:
                    omit(way, "is neither a file nor a folder")
                }
            } catch .tooLarge {
                throw .tooLarge
            } catch .noSuchFile where name.unicodeScalars.contains("\u{FFFD}") {
                omit(way, "has a name that is no UTF-8")
            } catch {
                omit(way, "cannot be read: \(error)")
            }
            guard count.files + count.directories <= ISOForm.share.mostEntries,
                omissions.count <= ISOForm.share.mostEntries
            else { throw .tooLarge }
        }
        return (files, directories)
    }

    private static func objection(toName name: String, at way: [String]) -> String? {
        if name.utf8.count > ISOForm.longestRockRidgeName {
            return "has a name of \(name.utf8.count) bytes, and \(ISOForm.longestRockRidgeName) are the most"
        }
        // A guest kit that finds no seed takes the first CD with such a folder for one, and its passwords.
        if way.count == 1, name.lowercased() == "drover" { return "has the name of what a guest's seed brings" }
        return nil
    }

    private mutating func omit(_ way: [String], _ reason: String) {
        omissions.append(Omission(path: way.joined(separator: "/"), reason: reason))
    }

    private func date(_ status: FileStatus) -> ISODate { ISODate(secondsSince1970: status.modified) }
}

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
