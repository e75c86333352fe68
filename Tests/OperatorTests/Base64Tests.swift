import Foundation
import Testing

@testable import Operator

@Test func base64IsFoundations() {
    for count in 0..<70 {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count * 101) }
        #expect(base64(bytes) == Data(bytes).base64EncodedString())
    }
}
