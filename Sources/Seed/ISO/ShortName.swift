/// A name of interchange level 1: eight characters and three of A to Z, 0 to 9 and `_` (ECMA-119 §7.5, §10.1).
struct ShortName: Hashable {
    var base: [UInt8]
    var suffix: [UInt8]

    /// `user-data` becomes `USER_DAT`, `network.cfg` becomes `NETWORK` and `CFG`; a directory has no second part.
    init(_ name: String, isDirectory: Bool) {
        let scalars = Array(name.unicodeScalars)
        if !isDirectory, let dot = scalars.lastIndex(of: "."), dot > 0, dot < scalars.count - 1 {
            base = Self.letters(scalars[..<dot].prefix(8))
            suffix = Self.letters(scalars[(dot + 1)...].prefix(3))
        } else {
            base = Self.letters(scalars.prefix(8))
            suffix = []
        }
    }

    /// The identifier of a file (§7.5.1) or of a directory (§7.6.1).
    func identifier(isDirectory: Bool) -> [UInt8] {
        isDirectory ? base : base + [UInt8(ascii: ".")] + suffix + Array(";1".utf8)
    }

    /// One for each name, all different: `FILE_NAM`, `FILE_NA1`, …
    static func unique(_ names: [(name: String, isDirectory: Bool)]) -> [ShortName] {
        var taken: Set<ShortName> = []
        // Of thousands that begin alike, none is tried that an earlier one has found taken.
        var lastNumbers: [ShortName: Int] = [:]
        return names.map { name, isDirectory in
            let first = ShortName(name, isDirectory: isDirectory)
            var candidate = first
            var number = lastNumbers[first, default: 0]
            if number > 0 { candidate = first.numbered(number) }
            while !taken.insert(candidate).inserted {
                number += 1
                candidate = first.numbered(number)
            }
            lastNumbers[first] = number
            return candidate
        }
    }

    private func numbered(_ number: Int) -> ShortName {
        let digits = Array(String(number).utf8)
        var name = self
        name.base = base.prefix(8 - digits.count) + digits
        return name
    }

    private static func letters(_ scalars: some Collection<Unicode.Scalar>) -> [UInt8] {
        scalars.map { scalar in
            switch scalar {
            case "a"..."z": UInt8(truncatingIfNeeded: scalar.value - 0x20)
            case "A"..."Z", "0"..."9": UInt8(truncatingIfNeeded: scalar.value)
            default: UInt8(ascii: "_")
            }
        }
    }
}

extension ShortName: Comparable {
    /// ECMA-119 §9.3: the shorter part is padded with spaces, which are below every letter.
    static func < (left: ShortName, right: ShortName) -> Bool {
        left.base == right.base
            ? left.suffix.lexicographicallyPrecedes(right.suffix) : left.base.lexicographicallyPrecedes(right.base)
    }
}
