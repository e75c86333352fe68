import Foundation
import TestSupport

/// A disk of up to nine images with the files that they name, in every way in which a name can be written.
struct GeneratedChain {
    /// Where everything is; no path has a link in it.
    struct Ground {
        let images: String
        /// From where a name leads out of the images' directory.
        let elsewhere: String
        /// What ALLOW_BACKING lists, in `elsewhere`.
        let listed: (qcow2: String, raw: String)
    }

    /// How a name leads to a file.
    private enum Way {
        case beside, below, dotted, linked, byLinkedFolder, listed
        case absolute, leaving, linkedOut, json, protocolName, missing
    }

    let path: String
    /// Whether QEMU may open all of it.
    private(set) var isAllowed = true
    /// The relative names in it. Something else may lie under them in a working directory.
    private(set) var relativeNames: [String] = []
    private let ground: Ground

    /// Makes the files.
    init(_ index: Int, on ground: Ground, _ template: ImageTemplate, _ chance: inout SeededGenerator) throws {
        self.ground = ground
        path = "\(ground.images)/disk\(index).qcow2"
        let images = Int.random(in: 1...8, using: &chance)
        let endsRaw = Bool.random(using: &chance)
        // Half of them are without fault.
        let faultyLevel = Int.random(in: 0..<2 * images, using: &chance)
        var next: String? = path
        for level in 0..<images {
            guard let file = next else { return }
            var isFaulty = level == faultyLevel
            var dataFile: String?
            if Int.random(in: 0..<4, using: &chance) == 0 {
                let ways: [Way] = isFaulty ? Self.bad : Self.good
                let way = ways.randomElement(using: &chance) ?? .beside
                dataFile = try name("data\(index)-\(level)", in: file, way, content: [0]).name
                isFaulty = false
            }
            let isLast = level == images - 1
            guard !isLast || endsRaw else {
                try write(template.naming(dataFile: dataFile), to: file)
                return
            }
            let way = (isFaulty ? Self.bad : Self.good + [.listed]).randomElement(using: &chance) ?? .beside
            // What follows in a file is written when its turn comes.
            let (name, place) = try name(
                "image\(index)-\(level)", in: file, way, content: [UInt8](repeating: 0, count: 512), isQcow2: !isLast)
            try write(template.naming(backing: (name, isLast ? "raw" : "qcow2"), dataFile: dataFile), to: file)
            next = place
        }
    }

    private static let good: [Way] = [.beside, .below, .dotted, .linked, .byLinkedFolder]
    private static let bad: [Way] = [.absolute, .leaving, .linkedOut, .json, .protocolName, .missing]

    /// Chooses a name that the image at `file` gives to a file, and makes the file.
    ///
    /// - Returns: the name; and the path by which QEMU finds the file, nil where the chain does not go on.
    private mutating func name(
        _ base: String, in file: String, _ way: Way, content: [UInt8], isQcow2: Bool = false
    ) throws -> (name: String, path: String?) {
        let folder = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: "\(folder)/sub", withIntermediateDirectories: true)
        if Self.bad.contains(where: { $0 == way }) { isAllowed = false }
        switch way {
        case .beside:
            try write(content, to: "\(folder)/\(base)")
            return relative(base, folder)
        case .below:
            try write(content, to: "\(folder)/sub/\(base)")
            return relative("sub/\(base)", folder)
        case .dotted:
            try write(content, to: "\(folder)/sub/\(base)")
            return relative("./sub/.//\(base)", folder)
        case .linked:
            try write(content, to: "\(folder)/sub/\(base)")
            try link("\(folder)/\(base)", to: "sub/\(base)")
            return relative(base, folder)
        case .byLinkedFolder:
            try write(content, to: "\(folder)/sub/\(base)")
            try? link("\(folder)/alias", to: "sub")
            return relative("alias/\(base)", folder)
        case .listed:
            return (isQcow2 ? ground.listed.qcow2 : ground.listed.raw, nil)
        case .absolute:
            try write(content, to: "\(folder)/\(base)")
            return ("\(folder)/\(base)", nil)
        case .leaving:
            try write(content, to: "\(ground.elsewhere)/\(base)")
            let up = String(repeating: "../", count: folder.split(separator: "/").count)
            return ("\(up)\(ground.elsewhere.dropFirst())/\(base)", nil)
        case .linkedOut:
            try write(content, to: "\(ground.elsewhere)/\(base)")
            try link("\(folder)/\(base)", to: "\(ground.elsewhere)/\(base)")
            return (base, nil)
        case .json:
            try write(content, to: "\(folder)/\(base)")
            return (#"json:{"driver":"file","filename":"\#(folder)/\#(base)"}"#, nil)
        case .protocolName:
            try write(content, to: "\(folder)/\(base)")
            return ("file:\(folder)/\(base)", nil)
        case .missing:
            return (relative(base, folder).name, nil)
        }
    }

    private mutating func relative(_ name: String, _ folder: String) -> (name: String, path: String?) {
        relativeNames.append(name)
        return (name, "\(folder)/\(name)")
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }
}
