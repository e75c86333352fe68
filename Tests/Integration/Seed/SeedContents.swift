import Foundation
import Glibc
import Linux
import Seed
import TestSupport
import Testing

/// What a tree holds or what a reader has extracted: the two are to be equal.
///
/// Paths are bytes: to Swift two spellings of an accented letter are the same text.
struct SeedContents: Equatable {
    struct Entry: Equatable {
        /// nil for a directory.
        var contents: [UInt8]?
        /// nil where the reader does not show it.
        var mode: UInt16?
    }

    private(set) var entries: [[UInt8]: Entry] = [:]

    init(of tree: ISOTree, withModes: Bool = true) {
        func add(_ path: String, _ contents: [UInt8]?, _ mode: UInt16) {
            entries[Array(path.utf8)] = Entry(contents: contents, mode: withModes ? mode : nil)
        }
        for (path, file) in tree.allFiles { add(path, file.contents, file.mode) }
        func add(_ directories: [ISODirectory], in parent: String) {
            for directory in directories {
                add(parent + directory.name, nil, directory.mode)
                add(directory.directories, in: "\(parent)\(directory.name)/")
            }
        }
        add(tree.directories, in: "")
    }

    /// By the system's own calls: Foundation takes a `/` and an accent after it for one character.
    init(ofFolder folder: String, withModes: Bool = true, under prefix: [UInt8] = []) throws {
        let stream = try #require(opendir(folder), "\(folder): \(Errno.current)")
        defer { closedir(stream) }
        while let item = readdir(stream) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            let path = "\(folder)/" + String(decoding: name, as: UTF8.self)
            let status = try FileStatus(of: path, followingLinks: false)
            let isDirectory = status.kind == .directory
            entries[prefix + name] = Entry(
                contents: isDirectory ? nil : try Self.contents(of: path, size: Int(status.size)),
                mode: withModes ? UInt16(status.permissions) : nil)
            if isDirectory {
                let inside = try SeedContents(
                    ofFolder: path, withModes: withModes, under: prefix + name + [UInt8(ascii: "/")])
                entries.merge(inside.entries) { first, _ in first }
            }
        }
    }

    /// A thousand trees are read in a debug build: in one go.
    private static func contents(of path: String, size: Int) throws -> [UInt8] {
        let file = try Descriptor.open(path)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        try #require(count == size, "\(path): read \(count) of \(size) bytes")
        return bytes
    }

    /// One line for each entry that is not the same in both.
    func differences(from other: SeedContents) -> [String] {
        func text(_ entry: Entry?) -> String {
            guard let entry else { return "missing" }
            let kind = entry.contents.map { "\($0.count) bytes, hash \($0.hashValue)" } ?? "directory"
            return "\(kind), mode \(entry.mode.map { String($0, radix: 8) } ?? "unknown")"
        }
        return Set(entries.keys).union(other.entries.keys).filter { entries[$0] != other.entries[$0] }.map {
            "\(String(decoding: $0, as: UTF8.self)): \(text(entries[$0])), but \(text(other.entries[$0]))"
        }.sorted()
    }

    /// The paths of everything, with a `/` before each.
    var paths: Set<String> {
        Set(entries.keys.map { "/" + String(decoding: $0, as: UTF8.self) })
    }

    /// The paths and contents of the files.
    var files: [(path: String, contents: [UInt8])] {
        entries.compactMap { path, entry in
            entry.contents.map { ("/" + String(decoding: path, as: UTF8.self), $0) }
        }
    }
}

extension Workspace {
    /// Writes the image of `tree`.
    func image(of tree: ISOTree, named name: String = "seed.iso") throws -> String {
        let file = "\(path)/\(name)"
        try Data(ISOImage(tree).encoded()).write(to: URL(fileURLWithPath: file))
        return file
    }
}
