import Foundation
import Seed
import TestSupport
import Testing

/// The image as the reference readers see it: isoinfo (genisoimage), xorriso, bsdtar (libarchive-tools).
@Suite struct SeedReaderTests {
    private static let trees = ["typical": SeedTrees.typical, "edges": SeedTrees.edges, "unicode": SeedTrees.unicode]
    /// isoinfo has no charset for all of Joliet's names.
    private static let asciiTrees = ["typical": SeedTrees.typical, "edges": SeedTrees.edges]

    private static func lines(_ output: String) -> Set<String> {
        Set(output.split(separator: "\n").map(String.init))
    }

    /// Lists the image and compares every file with what isoinfo extracts.
    private func checkByIsoinfo(_ tree: ISOTree, _ names: String) throws {
        let workspace = try Workspace()
        let image = try workspace.image(of: tree)
        let expected = SeedContents(of: tree)
        #expect(try Self.lines(shell("LC_ALL=C.UTF-8 isoinfo \(names) -f -i '\(image)'")) == expected.paths)
        for (index, (path, contents)) in expected.files.enumerated() {
            let file = "\(workspace.path)/\(index)"
            try shell("LC_ALL=C.UTF-8 isoinfo \(names) -x '\(path)' -i '\(image)' > '\(file)'")
            let extracted = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(extracted == Data(contents), "\(path): \(extracted.count) bytes, not \(contents.count)")
        }
    }

    @Test(arguments: trees.keys) func isoinfoReadsRockRidge(_ name: String) throws {
        try checkByIsoinfo(#require(Self.trees[name]), "-R")
    }

    @Test(arguments: asciiTrees.keys) func isoinfoReadsJoliet(_ name: String) throws {
        try checkByIsoinfo(#require(Self.asciiTrees[name]), "-J")
    }

    @Test func isoinfoReadsTheDescriptors() throws {
        let workspace = try Workspace()
        let image = try workspace.image(of: SeedTrees.typical)
        let description = try Self.lines(shell("isoinfo -d -i '\(image)'"))
        #expect(
            description.isSuperset(of: [
                "CD-ROM is in ISO 9660 format", "Volume id: cidata", "Joliet with UCS level 3 found",
                "Rock Ridge signatures version 1 found",
            ]))
        #expect(
            try Self.lines(shell("isoinfo -f -i '\(image)'")).isSuperset(of: ["/META_DAT.;1", "/USER_DAT.;1"]))
    }

    /// xorriso without a warning, which would end it with 32.
    private static let xorriso = "LC_ALL=C.UTF-8 xorriso -abort_on WARNING -return_with WARNING 32 -osirrox on"

    @Test(arguments: trees.keys) func xorrisoListsAndExtracts(_ name: String) throws {
        let tree = try #require(Self.trees[name])
        let workspace = try Workspace()
        let image = try workspace.image(of: tree)
        let paths = try shell("\(Self.xorriso) -indev '\(image)' -find / 2>/dev/null")
        #expect(Self.lines(paths) == Set(SeedContents(of: tree).paths.map { "'\($0)'" } + ["'/'"]))

        let folder = "\(workspace.path)/out"
        try shell("\(Self.xorriso) -indev '\(image)' -extract / '\(folder)' 2>/dev/null")
        try expect(folder, holds: tree)
    }

    @Test(arguments: trees.keys, ["rockridge", "joliet"])
    func bsdtarListsAndExtracts(_ name: String, _ names: String) throws {
        var tree = try #require(Self.trees[name])
        // libarchive composes accents when it decodes Joliet's names; this one would take another file's name.
        if names == "joliet" { tree.files.removeAll { $0.name.unicodeScalars.contains("\u{301}") } }
        let workspace = try Workspace()
        let image = try workspace.image(of: tree)
        let options = names == "joliet" ? "--options 'iso9660:!rockridge'" : ""
        let listed = try Self.lines(shell("LC_ALL=C.UTF-8 bsdtar -tf '\(image)' \(options)"))
        #expect(Set(listed.map { "/\($0)" }) == SeedContents(of: tree).paths.union(["/."]))

        let folder = "\(workspace.path)/out"
        try shell("mkdir '\(folder)' && LC_ALL=C.UTF-8 bsdtar -xpf '\(image)' \(options) -C '\(folder)'")
        try expect(folder, holds: tree, withModes: names == "rockridge")
    }

    /// A thousand trees, fifty in a batch, extracted by xorriso byte for byte.
    @Test(arguments: 0..<20) func randomTreesRoundTrip(_ batch: Int) throws {
        let workspace = try Workspace()
        let numbers = (batch * 50)..<((batch + 1) * 50)
        let trees = numbers.map(SeedTrees.random)
        for (number, tree) in zip(numbers, trees) { _ = try workspace.image(of: tree, named: "\(number).iso") }
        let steps = numbers.map { "-indev '\(workspace.path)/\($0).iso' -extract / '\(workspace.path)/\($0)'" }
        try shell("\(Self.xorriso) \(steps.joined(separator: " ")) 2>/dev/null")
        for (number, tree) in zip(numbers, trees) {
            try expect("\(workspace.path)/\(number)", holds: tree, "tree \(number)")
        }
    }

    private func expect(
        _ folder: String, holds tree: ISOTree, withModes: Bool = true, _ what: String = "extracted"
    ) throws {
        let differences = try SeedContents(of: tree, withModes: withModes).differences(
            from: SeedContents(ofFolder: folder, withModes: withModes))
        #expect(differences.isEmpty, "\(what)")
        // Or who is not root could not remove it with the workspace.
        if getuid() != 0 { try shell("chmod -R u+rwX '\(folder)'") }
    }
}
