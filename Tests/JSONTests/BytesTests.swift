import JSON
import Testing

/// What is taken from a buffer that goes on being used may have been a password.
@Test(arguments: [1, 5, 8]) func whatIsDiscardedIsZeroed(_ length: Int) {
    var bytes = Array("password".utf8)
    bytes.reserveCapacity(64)
    bytes.discard(first: length)
    #expect(bytes == Array("password".utf8.dropFirst(length)))
    // Nothing else has written to the memory behind the end.
    let rest = bytes.withUnsafeBufferPointer { Array(UnsafeBufferPointer(start: $0.baseAddress, count: 8)) }
    #expect(rest == bytes + Array(repeating: 0, count: length))
}

@Test func nothingDiscardedIsNothingChanged() {
    var bytes: [UInt8] = []
    bytes.discard(first: 0)
    #expect(bytes.isEmpty)
}
