import Linux
import TestSupport
import Testing

@Test func aPipeCarriesBytes() throws {
    let pipe = try Descriptor.pipe()
    let sent: [UInt8] = [1, 2, 3]
    #expect(try sent.withUnsafeBytes { try pipe.writing.write($0) } == 3)
    #expect(try pipe.reading.receive(until: soon()) == [1, 2, 3])
}
