import Linux
import TestSupport
import Testing

@Test func aPipeCarriesBytes() throws {
    let pipe = try Descriptor.pipe()
    let sent: [UInt8] = [1, 2, 3]
    #expect(try sent.withUnsafeBytes { try pipe.writing.write($0) } == 3)
    #expect(try pipe.reading.receive(until: soon()) == [1, 2, 3])
}

@Test func aFileIsBlankWhenItHasNothingButZeros() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/file"
    try shell("truncate -s 1M '\(path)'")
    func isBlank() throws -> Bool { try Descriptor.open(path).isBlank(beyond: 64 << 10) }
    #expect(try isBlank())
    // As QEMU leaves a file that it has made.
    try shell("dd if=/dev/zero of='\(path)' bs=4096 count=1 conv=notrunc status=none")
    #expect(try isBlank())
    for place in [0, 65_535, 65_536, 1_048_575] {
        try shell("truncate -s 0 '\(path)'; truncate -s 1M '\(path)'")
        try shell("printf x | dd of='\(path)' bs=1 seek=\(place) conv=notrunc status=none")
        #expect(try !isBlank(), "\(place)")
    }
    try shell("truncate -s 0 '\(path)'")
    #expect(try isBlank())
}
