import Basics
import Foundation
import Linux
import Machine
import TestSupport
import Testing

@testable import Seed

/// What of a folder goes onto a CD.
@Suite struct SharedFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func omissions() throws -> [String] { try SharedFolder(folder.path).omissions.map(\.description) }

    @Test func whatACDCannotHoldIsLeftOutAndTold() throws {
        let long = String(repeating: "é", count: 124)
        for name in ["plain", "a:b*c?d;e\\f", long] { try folder.file(name, [1]) }
        try folder.file(long + "x", [1])
        try shell(
            """
            cd '\(folder.path)' && ln -s plain link && ln -s /etc dir && mkfifo pipe && mkdir -p 1/2/3/4/5/6/7/8 drover DROVER &&
              : > "$(printf 'bad\\377')"
            """)
        #expect(
            try omissions() == [
                #""1/2/3/4/5/6/7/8" is a folder on level 9, and 8 are the most"#,
                #""DROVER" has the name of what a guest's seed brings"#, "\"bad\u{FFFD}\" has a name that is no UTF-8",
                #""dir" is a symbolic link, which is not followed"#,
                #""drover" has the name of what a guest's seed brings"#,
                #""link" is a symbolic link, which is not followed"#, #""pipe" is neither a file nor a folder"#,
                quoted(long + "x") + " has a name of 249 bytes, and 248 are the most",
            ])
        let shared = try SharedFolder(folder.path)
        #expect(shared.tree.files.map(\.name) == ["a:b*c?d;e\\f", "plain", long])
        #expect(shared.summary == "3 files and 7 folders (3 bytes) of \"\(folder.path)\"")
    }

    @Test func theFirstTwentyAreWarnings() throws {
        for number in 10..<35 { try shell("ln -s x '\(folder.path)/\(number)'") }
        let warnings = try SharedFolder(folder.path).warnings
        #expect(warnings.count == 21)
        #expect(warnings[0] == #"SHARE_DIR: left out of the CD: "10" is a symbolic link, which is not followed"#)
        #expect(warnings[20] == "SHARE_DIR: and 5 more; drover share refresh lists all")
    }

    @Test func tooMuchIsRefused() throws {
        try shell(
            "cd '\(folder.path)' && mkdir a b && cd a && seq 5000 | xargs touch && cd ../b && seq 4998 | xargs touch")
        #expect(try omissions().isEmpty)
        try folder.file("one", [])
        #expect(throws: Fault.self) { try omissions() }
        try shell("cd '\(folder.path)' && rm -r a b && truncate -s 127M one")
        #expect(try omissions().isEmpty)
        try shell("truncate -s 128M '\(folder.path)/one'")
        #expect(throws: Fault.self) { try omissions() }
    }

    /// A file that is exchanged for a link, or cut short, between the look and the copy.
    @Test func whatChangesMeanwhileIsToldAndLeadsNowhere() throws {
        try folder.file("kept", Array("kept".utf8))
        try folder.file("link", Array("before".utf8))
        try folder.file("short", [UInt8](repeating: 0x78, count: 5000))
        let secret = try TemporaryFolder()
        try secret.file("secret", Array("secret".utf8))
        var shared = try SharedFolder(folder.path)
        try shell("cd '\(folder.path)' && truncate -s 10 short && rm link && ln -s '\(secret.path)/secret' link")
        let image = try shared.sealed()
        #expect(image.isSealed)
        #expect(
            shared.omissions.map(\.description) == [
                #""link" has changed while it was read, and is cut short"#,
                #""short" has changed while it was read, and is cut short"#,
            ])
        let bytes = String(decoding: try image.readToEnd(limit: 1 << 20), as: UTF8.self)
        #expect(bytes.contains("kept") && bytes.contains("xxxxxxxxxx") && !bytes.contains("secret"))
        #expect(!bytes.contains("xxxxxxxxxxx"))
    }

    /// Times of files are theirs, and a sector is what each begins at.
    @Test func theImageIsAsLongAsItSaysAndKeepsTimes() throws {
        try folder.file("a", Array("a".utf8))
        try shell("touch -d @1772600767 '\(folder.path)/a'")
        var shared = try SharedFolder(folder.path)
        let image = try shared.image()
        let bytes = try shared.sealed().readToEnd(limit: 1 << 20)
        #expect(bytes.count == image.size && bytes.count % 2048 == 0)
        #expect(image.places.map(\.file.source) == ["a"] && bytes[image.places[0].offset] == 0x61)
        #expect(image.places[0].file.date == ISODate(year: 2026, month: 3, day: 4, second: 18367))
        #expect(String(decoding: bytes[(16 * 2048 + 40)...].prefix(5), as: UTF8.self) == "SHARE")
        // No Joliet: the descriptors end behind the first.
        #expect(bytes[17 * 2048] == 255)
    }

    @Test func aDateThatCannotBeWrittenIsAnother() {
        #expect(ISODate(secondsSince1970: 0) == ISODate(year: 1970, month: 1, day: 1))
        #expect(ISODate(secondsSince1970: .max) == .constant && ISODate(secondsSince1970: .min) == .constant)
        #expect(ISODate(secondsSince1970: 5_869_583_999) == ISODate(year: 2155, month: 12, day: 31, second: 86_399))
        #expect(ISODate(secondsSince1970: -2_208_988_800) == ISODate(year: 1900, month: 1, day: 1))
    }
}
