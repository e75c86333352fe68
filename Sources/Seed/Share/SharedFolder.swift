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
    public internal(set) var omissions: [Omission] = []
    private(set) var tree = ISOTree(files: [])
    private var count = (files: 0, directories: 0, bytes: Int64(0))

    private enum Excess: Error { case entries, bytes }

    /// - Throws: `SHARE_DIR` as the source, when the folder cannot be read, or has more than a CD of Drover's takes.
    public init(_ path: String) throws(Fault) {
        self.path = path
        let folder: Folder
        let names: [String]
        do throws(Errno) {
            folder = try Folder(path, followingLinks: true)
            tree.date = Self.date(try folder.status)
            names = try Self.names(in: folder)
        } catch {
            if error == .tooLarge { throw Self.fault(.entries, path) }
            throw Fault(Fault.Kind(error), "SHARE_DIR", "\(quoted(path)) cannot be read: \(error)")
        }
        do throws(Excess) {
            (tree.files, tree.directories) = try look(at: names, in: folder, below: [])
        } catch {
            throw Self.fault(error, path)
        }
        if Int64(try image().size) > Self.limit.bytes { throw Self.fault(.bytes, path) }
    }

    private static let limit = Configuration.ShareSettings.largestCD

    private static func fault(_ excess: Excess, _ path: String) -> Fault {
        let reason =
            switch excess {
            case .entries:
                "has more than \(ISOForm.share.mostEntries) files and folders, which are the most of a CD of Drover's"
            case .bytes: "makes a CD of more than \(limit), which are the most, as it lies in memory"
            }
        return Fault(.configuration, "SHARE_DIR", "\(quoted(path)) \(reason); share a smaller folder")
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
        let size = count.bytes < 1 << 20 ? "\(count.bytes) bytes" : "\(MiB(bytes: count.bytes))"
        return "\(count.files) files and \(count.directories) folders (\(size)) of \(quoted(path))"
    }

    // MARK: What is there

    private enum Found {
        case file(ISOFile)
        case folder(Folder, [String], ISODate)
        case nothing(reason: String)
        /// A folder alone has more than a CD takes.
        case tooMany
    }

    /// - Parameter parents: the names of the folders on the way.
    private mutating func look(
        at names: [String], in folder: Folder, below parents: [String]
    ) throws(Excess) -> ([ISOFile], [ISODirectory]) {
        var (files, directories): ([ISOFile], [ISODirectory]) = ([], [])
        for name in names {
            let way = parents + [name]
            switch Self.find(name, in: folder, way) {
            case .file(let file):
                files.append(file)
                count.files += 1
                guard Int64(file.size) <= Self.limit.bytes - count.bytes else { throw .bytes }
                count.bytes += Int64(file.size)
            case .folder(let inner, let names, let date):
                let inside = try look(at: names, in: inner, below: way)
                directories.append(
                    ISODirectory(name: name, files: inside.0, directories: inside.1, mode: 0o555, date: date))
                count.directories += 1
            case .nothing(let reason):
                omissions.append(Omission(path: way.joined(separator: "/"), reason: reason))
            case .tooMany:
                throw .entries
            }
            let entries = count.files + count.directories
            guard max(entries, omissions.count) <= ISOForm.share.mostEntries else { throw .entries }
        }
        return (files, directories)
    }

    private static func find(_ name: String, in folder: Folder, _ way: [String]) -> Found {
        if let reason = objection(toName: name, at: way) { return .nothing(reason: reason) }
        do throws(Errno) {
            return try look(at: name, in: folder, way)
        } catch {
            return error == .tooLarge ? .tooMany : .nothing(reason: "cannot be read: \(error)")
        }
    }

    private static func look(at name: String, in folder: Folder, _ way: [String]) throws(Errno) -> Found {
        let status = try FileStatus(of: folder.path(of: name), followingLinks: false)
        switch status.kind {
        case .regular:
            if let denial = accessDenial(folder.path(of: name), reading: true) { throw denial }
            let mode: UInt16 = status.permissions & 0o111 == 0 ? 0o444 : 0o555
            return .file(
                ISOFile(
                    name: name, size: Int(status.size), mode: mode, date: date(status),
                    source: way.joined(separator: "/")))
        case .directory:
            // The folder itself is the first level.
            guard way.count < ISOTree.mostLevels else {
                return .nothing(
                    reason: "is a folder on level \(way.count + 1), and \(ISOTree.mostLevels) are the most")
            }
            let inner = try folder.folder(name)
            return .folder(inner, try names(in: inner), date(status))
        case .symbolicLink:
            return .nothing(reason: "is a symbolic link, which is not followed")
        case .characterDevice, .blockDevice, .fifo, .socket, .unknown:
            return .nothing(reason: "is neither a file nor a folder")
        }
    }

    private static func names(in folder: Folder) throws(Errno) -> [String] {
        try folder.names(limit: ISOForm.share.mostEntries).sorted()
    }

    private static func objection(toName name: String, at way: [String]) -> String? {
        if name.utf8.count > ISOForm.longestRockRidgeName {
            return "has a name of \(name.utf8.count) bytes, and \(ISOForm.longestRockRidgeName) are the most"
        }
        // What its bytes are is not known any more.
        if name.unicodeScalars.contains("\u{FFFD}") { return "has a name that is no UTF-8" }
        // A guest kit that finds no seed takes the first CD with such a folder for one, and its passwords.
        if way.count == 1, name.lowercased() == "drover" { return "has the name of what a guest's seed brings" }
        return nil
    }

    private static func date(_ status: FileStatus) -> ISODate { ISODate(secondsSince1970: status.modified) }
}
