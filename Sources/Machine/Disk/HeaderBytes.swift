/// Fields of a header; nil outside. They are big-endian unless said otherwise.
struct HeaderBytes {
    let bytes: [UInt8]

    func uint32(_ offset: Int) -> UInt32? {
        guard let field = slice(offset, 4) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt32($1) }
    }

    func uint64(_ offset: Int) -> UInt64? {
        guard let field = slice(offset, 8) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt64($1) }
    }

    func littleUInt16(_ offset: Int) -> UInt16? {
        slice(offset, 2).map { UInt16(Self.little($0)) }
    }

    func littleUInt32(_ offset: Int) -> UInt32? {
        slice(offset, 4).map { UInt32(Self.little($0)) }
    }

    func littleUInt64(_ offset: Int) -> UInt64? {
        slice(offset, 8).map(Self.little)
    }

    /// - Parameter field: of eight bytes at most.
    private static func little(_ field: ArraySlice<UInt8>) -> UInt64 {
        field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Returns: nil unless all of it is there.
    func slice(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        return bytes[offset..<(offset + count)]
    }

    /// A name as text; nil when it is not UTF-8 or holds a NUL.
    static func text(_ name: ArraySlice<UInt8>) -> String? {
        name.contains(0) ? nil : String(validating: name, as: UTF8.self)
    }
}
