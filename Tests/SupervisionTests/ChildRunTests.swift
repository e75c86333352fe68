import Linux
import TestSupport
import Testing

/// Children of the real loop, with the stand-in for QEMU; they are processes of the loop's own binary, as drover's are.
struct ChildRunTests {
    private final class Run {
        let process: ChildProcess
        let output: Transcript
        private let folder = try? TemporaryFolder()

        init(_ children: String...) throws {
            let programs = "\(repository)/.build/debug"
            let (reading, writing) = try Descriptor.pipe()
            output = Transcript(of: reading, named: "the output of the run")
            process = try ChildProcess(
                "\(programs)/ChildRun", ["run", "\(programs)/StandIn", folder?.path ?? "?"] + children,
                descriptors: [nil, writing, try Descriptor.duplicate(of: 2)])
        }

        /// SIGTERM, which ends the guest by the power button, whatever the children do.
        func expectCleanStop() throws {
            try process.signal(.terminate)
            let rest = String(decoding: try output.readToEnd(), as: UTF8.self)
            #expect(rest.contains("stopped cleanly by rung 2"), "\(rest)")
            #expect(try process.waitForExit() == .exited(0))
        }
    }

    @Test func aChildWithAReadOnlyChannelReadsAndDoesNoMore() throws {
        let run = try Run("asks:after")
        try run.output.wait(for: #"asks: {"QMP": "#)
        try run.output.wait(for: #"asks: {"return": {}"#)
        try run.output.wait(for: "system_reset is not permitted on this channel, which is read-only")
        try run.output.wait(for: #""state":"running""#)
        try run.expectCleanStop()
    }

    @Test func aChildThatDiesComesBackAndTheGuestDoesNotNotice() throws {
        let run = try Run("crash:after")
        try run.output.wait(for: "crash was killed by SIGABRT")
        try run.output.wait(for: "it is started again in 1.0 s")
        try run.output.wait(for: "it is started again in 2.0 s")
        try run.expectCleanStop()
    }

    @Test(arguments: ["before", "after"]) func aChildThatDoesNotEndDelaysNothing(order: String) throws {
        let run = try Run("stubborn:\(order)")
        try run.output.wait(for: "stubborn: pid ")
        let pid = try #require(Int32(try run.output.wait(for: " waits")))
        try run.expectCleanStop()
        try waitForEnd(of: pid)
    }

    @Test func aChildHasTheLimitsItWasGiven() throws {
        let run = try Run("limits:after")
        try run.output.wait(for: "limits: files 32, memory 4294967296, NoNewPrivs: 1")
        try run.expectCleanStop()
    }

    @Test func aChildCanGiveUpSystemCalls() throws {
        let run = try Run("confined:after")
        try run.output.wait(for: "socket before true, after false (errno 1)")
        try run.output.wait(for: "exec refused (errno 1)")
        try run.expectCleanStop()
    }
}
