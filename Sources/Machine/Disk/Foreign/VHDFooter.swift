/// The footer of a VHD: its last 512 bytes, and of one that grows its first ones too (Microsoft, "Virtual Hard Disk Image
/// Format Specification", 2006).
struct VHDFooter {
    static let cookie = Array("conectix".utf8)
    private static let length = 512
    /// 2040 GiB, the format's own bound.
    private static let largest: UInt64 = 2040 << 30

    private let bytes: HeaderBytes

    /// Whether the file ends as a VHD does: of a fixed one nothing else tells.
    static func isAtEnd(_ window: ImageWindow) throws(DiskHeader.Problem) -> Bool {
        try VHDFooter(atEndOf: window)?.isWhole == true
    }

    /// - Returns: the virtual size in bytes.
    static func read(_ window: ImageWindow) throws(DiskHeader.Problem) -> Int64 {
        let head = try window.prefix(at: 0, length)
        guard head.starts(with: cookie) else {
            guard let footer = try VHDFooter(atEndOf: window), footer.isWhole else { throw .truncated("the footer") }
            return try footer.checkedFixed(window)
        }
        let copy = VHDFooter(bytes: HeaderBytes(bytes: head))
        guard copy.isWhole else { throw .corrupt("checksum of its first sector") }
        // Written last, so that what broke off lacks it.
        guard try isAtEnd(window) else { throw .truncated("the footer") }
        return try copy.checkedDynamic(window)
    }

    private init(bytes: HeaderBytes) {
        self.bytes = bytes
    }

    private init?(atEndOf window: ImageWindow) throws(DiskHeader.Problem) {
        guard window.size >= Int64(Self.length) else { return nil }
        let tail = try window.prefix(at: UInt64(window.size) - UInt64(Self.length), Self.length)
        guard tail.starts(with: Self.cookie) else { return nil }
        bytes = HeaderBytes(bytes: tail)
    }

    private var isWhole: Bool { bytes.bytes.count == Self.length && Self.hasChecksum(bytes, at: 64) }

    /// The complement of the sum of all bytes but its own.
    private static func hasChecksum(_ structure: HeaderBytes, at offset: Int) -> Bool {
        guard let stored = structure.uint32(offset), let own = structure.slice(offset, 4) else { return false }
        let sum = structure.bytes.reduce(UInt32(0)) { $0 &+ UInt32($1) }
        return stored == ~(sum &- own.reduce(UInt32(0)) { $0 &+ UInt32($1) })
    }

    private func checkedSize(kind expected: UInt32) throws(DiskHeader.Problem) -> Int64 {
        let (kind, size, version) = (bytes.uint32(60) ?? 0, bytes.uint64(48) ?? 0, bytes.uint32(12) ?? 0)
        guard version == 0x0001_0000 else { throw .refused("is VHD of version \(version >> 16).\(version & 0xFFFF)") }
        guard kind != 4 else {
            throw .refused(
                "is a differencing image, and its parent has the rest; make one whole image of both: Hyper-V's "
                    + "Convert-VHD IMAGE NEW.vhd -VHDType Dynamic")
        }
        guard kind == expected else { throw .corrupt("kind \(kind)") }
        guard size > 0, size <= Self.largest, let virtualSize = Int64(exactly: size) else {
            throw .corrupt("size of \(size) bytes")
        }
        return virtualSize
    }

    private func checkedFixed(_ window: ImageWindow) throws(DiskHeader.Problem) -> Int64 {
        let size = try checkedSize(kind: 2)
        guard size <= window.size - Int64(Self.length) else {
            throw .corrupt("size of \(size) bytes in a file of \(window.size)")
        }
        return size
    }

    private func checkedDynamic(_ window: ImageWindow) throws(DiskHeader.Problem) -> Int64 {
        let size = try checkedSize(kind: 3)
        let offset = bytes.uint64(16) ?? 0
        let head = HeaderBytes(bytes: try window.prefix(at: offset, 1024))
        guard let table = head.uint64(16), let entries = head.uint32(28), let block = head.uint32(32),
            head.bytes.count == 1024
        else { throw .truncated("the header at \(offset)") }
        guard head.bytes.starts(with: Array("cxsparse".utf8)), Self.hasChecksum(head, at: 36) else {
            throw .corrupt("header at \(offset)")
        }
        guard block >= 512, block.nonzeroBitCount == 1 else { throw .corrupt("blocks of \(block) bytes") }
        guard UInt64(entries) * UInt64(block) >= UInt64(size), UInt64(entries) * 4 <= UInt64(Int32.max) else {
            throw .corrupt("\(entries) blocks of \(block) bytes for \(size)")
        }
        guard window.holds(table, UInt64(entries) * 4, clusterSize: 512) else {
            throw .truncated("the table of blocks")
        }
        return size
    }
}
