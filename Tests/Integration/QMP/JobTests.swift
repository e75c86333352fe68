import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// A command of QEMU that is only the beginning, through PID 1.
struct JobTests {
    @Test func aJobIsWaitedForAndItsErrorTold() throws {
        let workspace = try Workspace()
        // Nothing boots from it, and nothing need.
        let more = ["QMP_POLICY": "full", "QEMU_PORTS": "none"]
        let run = try DroverRun(["run"], workspace.standInVariables(more))
        try run.wait(for: "the guest runs", within: 60)
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        func create(_ path: String) throws(ClientFailure) {
            let options: JSONValue = ["driver": "file", "filename": .string(path), "size": 1_048_576]
            let command = QMPCommand("blockdev-create", ["job-id": "make", "options": options])
            try client.runJob(command, id: "make", until: .within(60))
        }
        try create("\(workspace.path)/made.raw")
        #expect(try FileStatus(of: "\(workspace.path)/made.raw").size == 1_048_576)
        do throws(ClientFailure) {
            try create("\(workspace.path)/absent/made.raw")
            Issue.record("a file was made in a folder that is not there")
        } catch {
            #expect(error.exit == .no && error.message.contains("No such file or directory"))
        }
        // Nothing of either is left, so that the id can be used again.
        #expect(try client.execute(QMPCommand("query-jobs"), until: .within(30)).result == [])

        let stop = try client.execute(QMPCommand("stop"), awaiting: "STOP", until: .within(30))
        #expect(stop.eventText == "STOP")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }
}
