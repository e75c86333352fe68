import Seed
import TestSupport

/// Trees for the readers.
enum SeedTrees {
    /// What a guest gets.
    static let typical = ISOTree(
        files: [
            ISOFile(name: "meta-data", contents: Array("instance-id: i-0123456789\nlocal-hostname: hurd\n".utf8)),
            ISOFile(name: "user-data", contents: Array("#cloud-config\n{\"disable_root\":false}\n".utf8)),
            ISOFile(name: "network-config", contents: Array("version: 2\n".utf8)),
        ],
        directories: [
            ISODirectory(
                name: "drover",
                files: [
                    ISOFile(name: "instance-id", contents: Array("i-0123456789\n".utf8)),
                    ISOFile(name: "hostname", contents: Array("hurd\n".utf8)),
                    ISOFile(name: "authorized_keys", contents: []),
                ], directories: [ISODirectory(name: "kit", files: [ISOFile(name: "a", contents: [1], mode: 0o555)])])
        ])

    /// Every edge, with names of ASCII, which all readers can print.
    static let edges = ISOTree(
        files: [
            ISOFile(name: "empty", contents: []),
            ISOFile(name: "one", contents: [0xFF], mode: 0o644),
            ISOFile(name: "sector", contents: bytes(2048), mode: 0o4755),
            ISOFile(name: "a sector and one.more", contents: bytes(2049)),
            ISOFile(name: "ten-sectors", contents: bytes(20480)),
            ISOFile(name: "largest", contents: bytes(ISOTree.largestFile)),
            ISOFile(name: longest("Mixed-Case.and."), contents: bytes(100)),
            ISOFile(name: longest("mixed-case.and."), contents: bytes(101)),
            ISOFile(name: ".hidden", contents: bytes(3)), ISOFile(name: "-dash", contents: bytes(4)),
        ] + (0..<100).map { ISOFile(name: "the same start \($0)", contents: bytes($0)) },
        directories: [
            ISODirectory(name: "no-files", files: []),
            ISODirectory(
                name: longest("Directory-"),
                files: [
                    ISOFile(name: longest("inside "), contents: bytes(2047)), ISOFile(name: "empty", contents: []),
                ], mode: 0o750),
        ] + (0..<30).map { ISODirectory(name: "directory \($0)", files: [ISOFile(name: "n", contents: bytes($0))]) })

    /// Names beyond ASCII, up to 192 bytes, which needs Rock Ridge's continuation area.
    static let unicode = ISOTree(
        files: [
            ISOFile(name: "schlüssel", contents: bytes(10)), ISOFile(name: "e\u{301}", contents: bytes(11)),
            ISOFile(name: "\u{E9}", contents: bytes(12)), ISOFile(name: "ключ", contents: bytes(13)),
        ] + (0..<30).map { ISOFile(name: "\($0)" + String(repeating: "鍵", count: 62), contents: bytes($0)) },
        directories: [
            ISODirectory(
                name: String(repeating: "ж", count: 64),
                files: [ISOFile(name: String(repeating: "√", count: 64), contents: bytes(5000))])
        ])

    private static func longest(_ start: String) -> String {
        start + String(repeating: "x", count: ISOTree.longestName - start.count)
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 8 &+ count) }
    }

    private static let alphabets: [[Unicode.Scalar]] = [
        Array("abcdefghijklmnopqrstuvwxyz-".unicodeScalars), Array("ab.".unicodeScalars),
        (0x20...0x7E).compactMap(Unicode.Scalar.init).filter { !"*/:;?\\".unicodeScalars.contains($0) },
        (0xA0...0x17F).compactMap(Unicode.Scalar.init), (0x400...0x4FF).compactMap(Unicode.Scalar.init),
        (0x4E00...0x4FFF).compactMap(Unicode.Scalar.init), ["a", "é", "ж", "鍵", "\u{301}", "\u{FFFD}", "\u{E000}"],
    ]

    private static let noise: [UInt8] = {
        var generator = SeededGenerator(seed: 0)
        return generator.bytes(ISOTree.largestFile + 256)
    }()

    /// Anything that an image may hold.
    static func random(_ number: Int) -> ISOTree {
        var generator = SeededGenerator(seed: UInt64(number))
        var taken: Set<[UInt8]> = []
        func name() -> String {
            while true {
                let alphabet = alphabets[Int.random(in: 0..<alphabets.count, using: &generator)]
                let length = Int.random(in: 1...(Bool.random(using: &generator) ? 64 : 12), using: &generator)
                var name = ""
                for _ in 0..<length {
                    name.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
                }
                if name != ".", name != "..", taken.insert(Array(name.utf8)).inserted { return name }
            }
        }
        func files(_ most: Int) -> [ISOFile] {
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in
                let sizes = [
                    0, 1, 2047, 2048, 2049, 2048 * Int.random(in: 1...8, using: &generator),
                    .random(in: 0...10_000, using: &generator),
                    Int.random(in: 0..<50, using: &generator) == 0 ? ISOTree.largestFile : 40_000,
                ]
                let size = sizes[.random(in: 0..<sizes.count, using: &generator)]
                return ISOFile(
                    name: name(), contents: Array(noise[.random(in: 0...255, using: &generator)...].prefix(size)),
                    mode: .random(in: 0...0o777, using: &generator) | 0o400)
            }
        }
        let top = files(12)
        func directories(_ most: Int) -> [ISODirectory] {
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in
                ISODirectory(
                    name: name(), files: files(8), directories: directories(most / 2),
                    mode: .random(in: 0...0o777, using: &generator) | 0o500)
            }
        }
        return ISOTree(files: top, directories: directories(5))
    }
}
