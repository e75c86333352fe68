import Linux
import TestSupport
import Testing

private func run(_ command: String, descriptors: [Descriptor?] = [nil, nil, nil]) throws -> WaitStatus {
    try ChildProcess("/bin/sh", ["-c", command], environment: [], descriptors: descriptors).waitForExit()
}

@Test func everyExitCodeComesThrough() throws {
    for code in 0...255 {
        #expect(try run("exit \(code)") == .exited(Int32(code)))
    }
}

@Test func everyFatalSignalComesThrough() throws {
    // Those that stop, continue or do nothing by default end nobody.
    let harmless: Set<Int32> = [17, 18, 19, 20, 21, 22, 23, 28]
    for number in (1...31) where !harmless.contains(Int32(number)) {
        guard case .killed(let signal, _) = try run("kill -\(number) $$") else {
            Issue.record("signal \(number) did not end the child")
            continue
        }
        #expect(signal.rawValue == Int32(number))
    }
}

@Test func whatCannotBeExecutedIsAnErrorOfTheParent() throws {
    func start(_ path: String) throws -> Int32 {
        try Spawn(path: path, arguments: ["x"], environment: [], descriptors: [], parentDeathSignal: nil).start()
    }
    #expect(throws: Errno.noSuchFile) { try start("/nowhere/at/all") }
    #expect(throws: Errno.permissionDenied) { try start("/etc/passwd") }
    #expect(throws: Errno.permissionDenied) { try start("/etc") }
}

@Test func theChildHasTheDescriptorsListedAndNoOthers() throws {
    let (reading, writing) = try Descriptor.pipe()
    // Nine other descriptors of ours, none of which may arrive.
    let others = try (0..<9).map { _ in try Descriptor.open("/dev/null") }
    let status = try run(
        "ls -x /proc/self/fd", descriptors: [try Descriptor.open("/dev/null"), writing, nil, writing])
    #expect(status == .exited(0))
    let bytes = try #require(try reading.receive(until: soon()))
    let listed = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    // 2 is what ls opens to list the folder.
    #expect(listed.map(String.init) == ["0", "1", "2", "3"])
    _ = others
}

@Test func wstatusIsDecoded() {
    #expect(WaitStatus(wstatus: 0) == .exited(0))
    #expect(WaitStatus(wstatus: 0x7f00) == .exited(127))
    #expect(WaitStatus(wstatus: 9) == .killed(.kill, coreDumped: false))
    #expect(WaitStatus(wstatus: 0x8b) == .killed(Signal(rawValue: 11), coreDumped: true))
    #expect("\(WaitStatus(wstatus: 0x8b))" == "was killed by SIGSEGV (core dumped)")
}

@Test func signalsHaveNames() {
    #expect("\(Signal.terminate)" == "SIGTERM")
    #expect("\(Signal.halt)" == "SIGRTMIN+3" && Signal.halt.rawValue == 37)
    #expect("\(Signal(rawValue: 34))" == "SIGRTMIN" && "\(Signal(rawValue: 99))" == "signal 99")
}

@Test func theChildBeginsWithTheSignalsBlockedThatAreNamed() throws {
    let (reading, writing) = try Descriptor.pipe()
    let pid = try Spawn(
        path: "/bin/grep", arguments: ["grep", "SigBlk", "/proc/self/status"], environment: [],
        descriptors: [nil, writing, nil], parentDeathSignal: .kill, blockedSignals: Signal.endings
    ).start()
    #expect(try waitForChild(pid) == .exited(0))
    let line = String(decoding: try #require(try reading.receive(until: soon())), as: UTF8.self)
    // SIGHUP is bit 0, SIGINT bit 1, SIGTERM bit 14.
    #expect(line == "SigBlk:\t0000000000004003\n")
}

@Test func whatIsExpendableYields() throws {
    let (reading, writing) = try Descriptor.pipe()
    let pid = try Spawn(
        path: "/bin/sh", arguments: ["sh", "-c", "cat /proc/self/oom_score_adj; nice"],
        environment: ["PATH=\(systemPath)"], descriptors: [nil, writing, nil], parentDeathSignal: .kill,
        limits: ProcessLimits(isExpendable: true)
    ).start()
    #expect(try waitForChild(pid) == .exited(0))
    let lines = String(decoding: try #require(try reading.receive(until: soon())), as: UTF8.self)
    #expect(lines == "1000\n10\n")
    // This process does not, though they shared their memory.
    #expect(try readFile("/proc/self/oom_score_adj", limit: 64) != Array("1000\n".utf8))
}
