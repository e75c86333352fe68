import Basics
import Testing

@Test func bytesRoundDown() {
    #expect(MiB(bytes: (3 << 20) + 5) == MiB(3))
    #expect(MiB(2).bytes == 2_097_152)
}
