import Linux
import TestSupport
import Testing

@Test func epollTellsWhichDescriptorIsReady() throws {
    let epoll = try Epoll()
    let (left, right) = try Descriptor.socketPair(nonBlocking: true)
    try epoll.add(left, token: 7, .readable)
    _ = try [UInt8(1)].withUnsafeBytes { try right.write($0) }
    // The wait itself has no deadline.
    try #require(try left.wait(until: .readable, soon()))
    let count = try epoll.wait()
    try #require(count == 1)
    #expect(epoll[0].token == 7)
    #expect(epoll[0].ready.contains(.readable))
    #expect(throws: Errno.notPermitted) {
        try epoll.add(try Descriptor.open("/etc/passwd"), token: 8, .readable)
    }
}

@Test func aTimerFiresAtItsDeadlineAndNotBefore() throws {
    let timer = try TimerDescriptor()
    let deadline = Instant.now() + .milliseconds(20)
    try timer.arm(at: deadline)
    #expect(try timer.descriptor.wait(until: .readable, soon()))
    #expect(Instant.now() >= deadline)
    try timer.arm(at: nil)
    #expect(try !timer.descriptor.wait(until: .readable, .now()))
    // A deadline that has passed is due at once.
    try timer.arm(at: Instant(nanoseconds: 0))
    #expect(try timer.descriptor.wait(until: .readable, soon()))
}

@Test func instantsSaturate() {
    let end = Instant(nanoseconds: .max)
    #expect(end + .seconds(1) >= Instant(nanoseconds: UInt64(Int64.max)))
    #expect(Instant(nanoseconds: 5) + .seconds(-1) == Instant(nanoseconds: 0))
    #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 7) == .nanoseconds(-2))
    #expect(Instant(nanoseconds: 0) + .seconds(Int64.max) > Instant(nanoseconds: 0))
}

@Test func durationsAreBrief() {
    let cases: [(Duration, String)] = [
        (.milliseconds(3), "3.0 ms"), (.microseconds(1250), "1.3 ms"), (.milliseconds(420), "0.4 s"),
        (.milliseconds(9940), "9.9 s"), (.seconds(80), "80 s"), (.zero, "0.0 ms"),
    ]
    for (duration, text) in cases { #expect(duration.brief == text) }
}

@Test func aFileIsReadWithinItsBound() throws {
    #expect(try readFile("/dev/null", limit: 10).isEmpty)
    #expect(throws: Errno.tooLarge) { try readFile("/bin/sh", limit: 10) }
    #expect(throws: Errno.isDirectory) { try readFile("/etc", limit: 10) }
    #expect(throws: Errno.noSuchFile) { try readFile("/nowhere", limit: 10) }
}
