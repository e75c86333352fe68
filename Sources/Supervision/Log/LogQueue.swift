import Glibc

/// Lines that wait for a reader, bounded: past the bound the oldest go, and how many is told in their place.
///
/// A ring of whole lines, and the chunk that is being written. Memory is touched only as far as it is used.
public struct LogQueue: ~Copyable {
    private let ring: UnsafeMutableRawBufferPointer
    private var head = 0
    private var used = 0

    private let chunk: UnsafeMutableRawBufferPointer
    private var chunkStart = 0
    private var chunkEnd = 0

    /// Lines that went since the last chunk was filled.
    private var lost = 0
    /// And since the start.
    public private(set) var allLost = 0

    /// - Parameter capacity: bytes that may wait.
    public init(capacity: Int = 1 << 20) {
        ring = .allocate(byteCount: capacity, alignment: 1)
        chunk = .allocate(byteCount: min(capacity, 1 << 16), alignment: 1)
    }

    deinit {
        ring.deallocate()
        chunk.deallocate()
    }

    public var isEmpty: Bool { used == 0 && chunkStart == chunkEnd && lost == 0 }

    /// Appends one line in three parts; the line end is added. What does not fit into a chunk is cut off.
    public mutating func append(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer
    ) {
        var room = min(chunk.count - 1, first.count + second.count + third.count)
        while ring.count - used < room + 1 { dropOldestLine() }
        copyIn(first, &room)
        copyIn(second, &room)
        copyIn(third, &room)
        ring[(head + used) % ring.count] = UInt8(ascii: "\n")
        used += 1
    }

    /// Hands the next bytes to `write`, which says how many it took.
    ///
    /// - Parameter notice: makes the line that stands for so many lost ones, without its line end.
    public mutating func writeChunk(notice: (Int) -> [UInt8], _ write: (UnsafeRawBufferPointer) -> Int) {
        if chunkStart == chunkEnd { fillChunk(notice) }
        guard chunkStart < chunkEnd else { return }
        chunkStart += write(UnsafeRawBufferPointer(rebasing: chunk[chunkStart..<chunkEnd]))
    }

    private mutating func fillChunk(_ notice: (Int) -> [UInt8]) {
        chunkStart = 0
        chunkEnd = 0
        if lost > 0 {
            let line = (notice(lost) + [UInt8(ascii: "\n")]).suffix(chunk.count)
            chunk.copyBytes(from: line)
            chunkEnd = line.count
            lost = 0
        }
        while used > 0 {
            let length = oldestLineLength
            guard chunkEnd + length <= chunk.count else { return }
            copyOut(length, to: chunkEnd)
            chunkEnd += length
        }
    }

    // MARK: The ring

    /// Bytes in the oldest line, its line end included.
    private var oldestLineLength: Int {
        let untilWrap = min(used, ring.count - head)
        if let length = lengthOfLine(in: ring[head..<head + untilWrap]) { return length }
        if let length = lengthOfLine(in: ring[..<(used - untilWrap)]) { return untilWrap + length }
        return used
    }

    private func lengthOfLine(in bytes: Slice<UnsafeMutableRawBufferPointer>) -> Int? {
        guard let start = UnsafeMutableRawBufferPointer(rebasing: bytes).baseAddress,
            let end = memchr(start, Int32(UInt8(ascii: "\n")), bytes.count)
        else { return nil }
        return end - start + 1
    }

    private mutating func dropOldestLine() {
        remove(oldestLineLength)
        lost += 1
        allLost += 1
    }

    private mutating func remove(_ length: Int) {
        head = (head + length) % ring.count
        used -= length
    }

    /// - Parameter room: what may still be taken.
    private mutating func copyIn(_ bytes: UnsafeRawBufferPointer, _ room: inout Int) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
        room -= bytes.count
        let tail = (head + used) % ring.count
        let first = min(bytes.count, ring.count - tail)
        UnsafeMutableRawBufferPointer(rebasing: ring[tail...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[..<first]))
        ring.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first...]))
        used += bytes.count
    }

    private mutating func copyOut(_ length: Int, to position: Int) {
        let first = min(length, ring.count - head)
        UnsafeMutableRawBufferPointer(rebasing: chunk[position...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: ring[head..<head + first]))
        UnsafeMutableRawBufferPointer(rebasing: chunk[(position + first)...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: ring[..<(length - first)]))
        remove(length)
    }
}
