import Linux
import Testing

@Test func aPipeCarriesBytes() throws {
    let pipe = try Descriptor.pipe()
    let sent: [UInt8] = [1, 2, 3]
    #expect(try sent.withUnsafeBytes { try pipe.writing.write($0) } == 3)
    var received = [UInt8](repeating: 0, count: 8)
    #expect(try received.withUnsafeMutableBytes { try pipe.reading.read(into: $0) } == 3)
    #expect(received.prefix(3) == [1, 2, 3])
}
