import Seed
import Testing

@Suite struct ISOTreeTests {
    private func error(_ tree: ISOTree) -> ISOTreeError? {
        do {
            _ = try ISOImage(tree)
            return nil
        } catch {
            return error
        }
    }

    private func file(_ name: String, _ size: Int = 0) -> ISOFile {
        ISOFile(name: name, contents: [UInt8](repeating: 0, count: size))
    }

    private static let names: [(String, ISOTreeError?)] = [
        ("", .emptyName(directory: nil)), (".", .reservedName(path: ".")), ("..", .reservedName(path: "..")),
        ("...", nil), (" ", nil), ("a/b", .forbiddenCharacter(path: "a/b", "/")),
        ("a\0", .forbiddenCharacter(path: "a\0", "\0")), ("a\n", .forbiddenCharacter(path: "a\n", "\n")),
        ("a:b", .forbiddenCharacter(path: "a:b", ":")), ("a\u{7F}", .forbiddenCharacter(path: "a\u{7F}", "\u{7F}")),
        ("😀", .forbiddenCharacter(path: "😀", "😀")), ("\u{FFFD}", nil), ("é", nil), ("日本語", nil),
        (String(repeating: "x", count: 64), nil), (String(repeating: "日", count: 64), nil),
        (String(repeating: "x", count: 65), .longName(path: String(repeating: "x", count: 65), characters: 65)),
        // Two scalars that make one Character are two for Joliet.
        (
            String(repeating: "e\u{301}", count: 33),
            .longName(path: String(repeating: "e\u{301}", count: 33), characters: 66)
        ),
    ]

    @Test func namesOfFilesAndDirectories() {
        for (name, expected) in Self.names {
            #expect(error(ISOTree(files: [file(name)])) == expected)
            #expect(error(ISOTree(files: [], directories: [ISODirectory(name: name, files: [])])) == expected)
        }
    }

    @Test func namesInADirectoryAreReportedWithIt() {
        func inside(_ files: [ISOFile]) -> ISOTree {
            ISOTree(files: [], directories: [ISODirectory(name: "drover", files: files)])
        }
        #expect(error(inside([file("")])) == .emptyName(directory: "drover"))
        #expect(error(inside([file("a?")])) == .forbiddenCharacter(path: "drover/a?", "?"))
        #expect(error(inside([file("a"), file("a")])) == .duplicateName(path: "drover/a"))
        #expect(error(inside([file("a", 1_048_577)])) == .largeFile(path: "drover/a", bytes: 1_048_577))
        #expect(error(inside([file("a", 1_048_576)])) == nil)
    }

    @Test func duplicatesAreOfTheSameBytes() {
        let directory = ISODirectory(name: "a", files: [file("a")])
        #expect(error(ISOTree(files: [file("b"), file("b")])) == .duplicateName(path: "b"))
        #expect(error(ISOTree(files: [file("a")], directories: [directory])) == .duplicateName(path: "a"))
        #expect(error(ISOTree(files: [file("A")], directories: [directory])) == nil)
        #expect(error(ISOTree(files: [file("\u{E9}"), file("e\u{301}")])) == nil)
    }

    @Test func theNumberOfEntriesIsBounded() {
        func tree(_ count: Int) -> ISOTree {
            ISOTree(
                files: (0..<100).map { file("\($0)") },
                directories: [ISODirectory(name: "d", files: (0..<(count - 101)).map { file("\($0)") })])
        }
        #expect(error(tree(256)) == nil)
        #expect(error(tree(257)) == .tooManyEntries(257))
    }

    @Test func theNumberOfLevelsIsBounded() {
        func tree(_ levels: Int) -> ISOTree {
            var directory = ISODirectory(name: "d", files: [file("a")])
            for _ in 2..<levels { directory = ISODirectory(name: "d", files: [], directories: [directory]) }
            return ISOTree(files: [], directories: [directory])
        }
        #expect(error(tree(8)) == nil)
        #expect(error(tree(9)) == .tooDeep(path: "d/d/d/d/d/d/d/d"))
    }

    @Test func messagesNameTheInputAndTheRemedy() {
        let messages: [(ISOTreeError, String)] = [
            (.emptyName(directory: nil), "seed: the image holds a name that is empty; give it one"),
            (.emptyName(directory: "d"), "seed: \"d\" holds a name that is empty; give it one"),
            (
                .forbiddenCharacter(path: "d/a\n", "\n"),
                "seed: the name of \"d/a\\n\" holds U+000A; control characters, * / : ; ? \\ and what is above U+FFFF "
                    + "cannot be written, choose another name"
            ),
            (.longName(path: "aa", characters: 65), "seed: the name of \"aa\" has 65 characters; use 64 at the most"),
            (.largeFile(path: "a", bytes: 2_000_000), "seed: \"a\" has 2000000 bytes; 1048576 are the most"),
        ]
        for (error, message) in messages { #expect(error.description == message) }
    }
}
