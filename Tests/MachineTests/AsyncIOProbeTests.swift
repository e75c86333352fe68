import Basics
import Linux
import Testing

@testable import Machine

private let works: AsyncIOProbe.Attempt = { () throws(Errno) in }
private let forbidden: AsyncIOProbe.Attempt = { () throws(Errno) in throw .notPermitted }
private let missing: AsyncIOProbe.Attempt = { () throws(Errno) in throw .notImplemented }

@Test func theBestModeThatWorksIsChosen() throws {
    let cases: [(Configuration.AsyncIO?, Configuration.Cache, AsyncIOProbe.Attempt, Configuration.AsyncIO)] = [
        (nil, .writeback, works, .ioUring),
        (nil, .none, works, .ioUring),
        (nil, .none, forbidden, .native),
        (nil, .writeback, forbidden, .threads),
        (nil, .unsafe, missing, .threads),
        (.native, .none, forbidden, .native),
        (.ioUring, .writeback, works, .ioUring),
        (.threads, .none, works, .threads),
    ]
    for (requested, cache, attempt, mode) in cases {
        #expect(try AsyncIOProbe.choose(requested: requested, cache: cache, attempt: attempt).mode == mode)
    }
}

@Test func whatCannotWorkIsAFault() {
    let cases: [(Configuration.AsyncIO, AsyncIOProbe.Attempt, Fault.Kind, String)] = [
        (.ioUring, forbidden, .notPermitted, "seccomp"),
        (.ioUring, missing, .unavailable, "QEMU_AIO=threads"),
    ]
    for (requested, attempt, kind, part) in cases {
        let fault = thrownFault {
            try AsyncIOProbe.choose(requested: requested, cache: .writeback, attempt: attempt)
        }
        #expect(fault?.kind == kind)
        #expect(fault?.message.contains(part) == true)
    }
}

@Test func threadsAskNothingOfTheKernel() throws {
    let never: AsyncIOProbe.Attempt = { () throws(Errno) in
        Issue.record("probed")
        throw .notPermitted
    }
    #expect(try AsyncIOProbe.choose(requested: .threads, cache: .none, attempt: never).mode == .threads)
    // Whether native fits the cache is a rule between variables, and tested with those.
    for cache in Configuration.Cache.allCases {
        #expect(try AsyncIOProbe.choose(requested: .native, cache: cache, attempt: never).mode == .native)
    }
}

@Test func thisHostIsProbed() throws {
    let choice = try AsyncIOProbe.choose(requested: nil, cache: .writeback)
    #expect(choice.mode == .ioUring || choice.mode == .threads)
}
