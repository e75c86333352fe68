import CLinux
import Glibc

/// SHA-256 of bytes that come in parts (FIPS 180-4).
public struct SHA256 {
    typealias Blocks = (UnsafeMutablePointer<UInt32>?, UnsafePointer<UInt8>?, Int) -> Void

    private static let blockSize = 64

    private let takeBlocks: Blocks
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// Less than a block.
    private var rest: [UInt8] = []
    private var length: UInt64 = 0

    public init() {
        self.init(by: clinux_sha256_blocks)
    }

    /// - Parameter takeBlocks: for tests, one of the two ways that C has.
    init(by takeBlocks: @escaping Blocks) {
        self.takeBlocks = takeBlocks
    }

    /// For tests: as on a processor without instructions for it.
    package static var portable: SHA256 { SHA256(by: clinux_sha256_blocks_portable) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var bytes = bytes
        if !rest.isEmpty {
            let missing = min(Self.blockSize - rest.count, bytes.count)
            rest.append(contentsOf: bytes[..<missing])
            bytes = UnsafeRawBufferPointer(rebasing: bytes[missing...])
            guard rest.count == Self.blockSize else { return }
            takeBlocks(&state, rest, 1)
            rest.removeAll(keepingCapacity: true)
        }
        let whole = bytes.count / Self.blockSize
        if whole > 0 { takeBlocks(&state, bytes.bindMemory(to: UInt8.self).baseAddress, whole) }
        rest.append(contentsOf: bytes[(whole * Self.blockSize)...])
    }

    /// The digest of all that came, in hexadecimal digits.
    public func digest() -> String {
        var last = self
        let bits = length &* 8
        var end: [UInt8] = [0x80]
        end += repeatElement(0, count: (2 * Self.blockSize - 9 - rest.count) % Self.blockSize)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            end.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        end.withUnsafeBytes { last.update($0) }
        return last.state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}

extension Descriptor {
    /// SHA-256 of a file. What is read is not kept in the page cache, which has better uses than a file of this size that nobody
    /// reads again.
    ///
    /// - Parameters:
    ///   - range: in bytes; what lies behind the file's end counts as nothing.
    ///   - progress: told how many bytes have been read, every MiB.
    public func sha256(
        of range: Range<Int64> = 0..<Int64.max, _ progress: (Int64) -> Void = { _ in }
    ) throws(Errno) -> String {
        var (hash, offset) = (SHA256(), range.lowerBound)
        posix_fadvise(rawValue, 0, 0, POSIX_FADV_SEQUENTIAL)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while offset < range.upperBound {
            // Less at the end of the range.
            let wanted = Int(min(Int64(buffer.count), range.upperBound - offset))
            if wanted < buffer.count { buffer.removeLast(buffer.count - wanted) }
            let got = try read(into: &buffer, from: 0, at: offset)
            if got == 0 { break }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
            posix_fadvise(rawValue, off_t(offset), off_t(got), POSIX_FADV_DONTNEED)
            offset += Int64(got)
            progress(offset - range.lowerBound)
        }
        return hash.digest()
    }
}
