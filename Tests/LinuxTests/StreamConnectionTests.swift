import Linux
import TestSupport
import Testing

@Test func aConnectionThatCannotBeMadeSaysWhy() throws {
    #expect(throws: Errno.noSuchFile) { try Descriptor.connect(unix: "/nowhere/s", until: soon()) }
    let long = "/" + String(repeating: "x", count: 107)
    #expect(throws: Errno.nameTooLong) { try Descriptor.connect(unix: long, until: soon()) }
    #expect(throws: Errno.connectionRefused) { try Descriptor.connect(unix: "/etc/passwd", until: soon()) }
    #expect(throws: Errno.invalidArgument) { try Descriptor.connect(tcp: "localhost", port: 1, until: soon()) }
}

@Test func anAddressIsTheMachinesOrIsNot() {
    for datagrams in [false, true] {
        #expect(isLocalAddress("127.0.0.1", datagrams: datagrams) && isLocalAddress("0.0.0.0", datagrams: datagrams))
        // RFC 5737, for documentation.
        #expect(!isLocalAddress("192.0.2.1", datagrams: datagrams))
    }
}

@Test func aPeerThatHasGoneIsAnErrorAndNoSignal() throws {
    var (ours, theirs): (Descriptor, Descriptor?) = try Descriptor.socketPair()
    #expect(theirs != nil)
    theirs = nil
    #expect(throws: Errno.brokenPipe) { try ours.send([1]) }
    ours = try Descriptor.open("/dev/null")
}

@Test func pollTellsWhichIsReadyAndLeavesOutWhatIsNotAskedFor() throws {
    let (left, right) = try Descriptor.socketPair(nonBlocking: true)
    let idle = try poll([PollRequest(left, readable: true), PollRequest(right, writable: true)], until: .now())
    #expect(idle == [.init(isReadable: false, isWritable: false), .init(isReadable: false, isWritable: true)])
    _ = try right.send([1])
    #expect(try poll([PollRequest(left, readable: true)], until: soon())[0].isReadable)

    var pipe: (reading: Descriptor, writing: Descriptor)? = try Descriptor.pipe()
    let reading = try #require(pipe).reading
    pipe = nil
    // The end of a pipe is readable; to one that asks for nothing it is no reason to wake.
    #expect(try poll([PollRequest(reading, readable: true)], until: soon())[0].isReadable)
    #expect(
        try poll([PollRequest(reading)], until: .now() + .milliseconds(1)) == [
            .init(isReadable: false, isWritable: false)
        ])
}

@Test func aModeIsATerminals() throws {
    #expect(throws: Errno(rawValue: 25)) { try TerminalMode(of: Descriptor.open("/dev/null")) }
    #expect(try !Descriptor.open("/dev/null").isTerminal)
    #expect(try Descriptor.open("/dev/null").terminalColumns == nil)
}
