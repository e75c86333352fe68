import Foundation
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// What an operator does with a disk of several images, whose files QEMU knows by number alone.
@Suite struct BlockJobTests {
    private final class Chain {
        let workspace: Workspace
        let run: DroverRun
        let client: QMPClient

        init(_ more: [String: String] = [:]) throws {
            workspace = try Workspace()
            try shell(
                """
                cd '\(workspace.path)' && qemu-img create -q -f raw base.raw 4M
                qemu-img create -q -f qcow2 -b base.raw -F raw middle.qcow2
                qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2
                qemu-io -f qcow2 -c 'write -P 7 1M 64k' top.qcow2
                """)
            run = try DroverRun(["run"], workspace.variables(disk: "\(workspace.path)/top.qcow2", more))
            try run.wait(for: "the guest runs", within: 60)
            client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        }

        func job(_ name: String, _ arguments: JSONValue) throws {
            try client.runJob(QMPCommand(name, arguments), id: "job", until: .within(60))
        }

        @discardableResult
        func execute(_ name: String, _ arguments: JSONValue? = nil) throws -> JSONValue? {
            try client.expectSuccess(of: QMPCommand(name, arguments), until: .within(30)).result
        }

        /// Waits until the job has come as far.
        func execute(_ name: String, _ arguments: JSONValue, awaitingStatus status: String) throws {
            _ = try client.execute(
                QMPCommand(name, arguments), awaiting: "JOB_STATUS_CHANGE", until: .within(60)
            ) { $0["status"]?.text == status }
        }

        func end() throws {
            try run.signal(.quit)
            try run.waitForExit(within: 60)
        }

        /// Of a file, what another program finds in it afterwards.
        func holds(_ pattern: Int, _ file: String, _ format: String) throws -> Bool {
            let read = "qemu-io -r -f \(format) -c 'read -P \(pattern) 1M 64k' '\(workspace.path)/\(file)'"
            return try !shell(read).contains("failed")
        }
    }

    @Test func anOverlayIsCommittedIntoItsBase() throws {
        let chain = try Chain()
        let files = ["top.qcow2", "middle.qcow2", "base.raw"].map { "\(chain.workspace.path)/\($0)" }
        #expect(try openFiles(of: chain.run.qemuPID()) == Set(files))
        try chain.execute(
            "block-commit", ["job-id": "job", "device": "disk0", "auto-dismiss": false], awaitingStatus: "ready")
        try chain.execute("job-complete", ["id": "job"], awaitingStatus: "concluded")
        try chain.end()
        #expect(try chain.holds(7, "base.raw", "raw"))
        let chainNow = try shell("cd '\(chain.workspace.path)' && qemu-img info --backing-chain top.qcow2")
        #expect(chainNow.contains("backing file: middle.qcow2") && chainNow.contains("backing file: base.raw"))
    }

    @Test func aDiskIsMadeWholeAndItsBaseLetGo() throws {
        let chain = try Chain()
        try chain.job("block-stream", ["job-id": "job", "device": "disk0", "auto-dismiss": false])
        for node in ["disk0-backing1", "disk0-backing1-file", "disk0-backing2", "disk0-backing2-file"] {
            try chain.execute("blockdev-del", ["node-name": .string(node)])
        }
        #expect(try openFiles(of: chain.run.qemuPID()) == ["\(chain.workspace.path)/top.qcow2"])
        try chain.end()
        #expect(try chain.holds(7, "top.qcow2", "qcow2"))
        #expect(try !shell("cd '\(chain.workspace.path)' && qemu-img info top.qcow2").contains("backing file"))
    }

    @Test func snapshotsAndBackupsAreTaken() throws {
        let chain = try Chain()
        try chain.job("snapshot-save", ["job-id": "job", "tag": "one", "vmstate": "disk0", "devices": ["disk0"]])
        let backup = "\(chain.workspace.path)/backup.raw"
        let create: JSONValue = ["driver": "file", "filename": .string(backup), "size": .integer(4 << 20)]
        try chain.job("blockdev-create", ["job-id": "job", "options": create])
        try chain.execute("blockdev-add", ["driver": "file", "node-name": "target", "filename": .string(backup)])
        try chain.job(
            "blockdev-backup",
            ["job-id": "job", "device": "disk0", "target": "target", "sync": "full", "auto-dismiss": false])
        try chain.end()
        #expect(try chain.holds(7, "backup.raw", "raw"))
        #expect(try shell("qemu-img snapshot -l '\(chain.workspace.path)/top.qcow2'").contains("one"))
    }

    /// As docs/operating.md has it: no image is to hold a descriptor's number as a name.
    @Test func anOverlayIsPutOnTop() throws {
        let chain = try Chain(["QMP_POLICY": "full"])
        let over = "\(chain.workspace.path)/over.qcow2"
        let file: JSONValue = ["driver": "file", "filename": .string(over), "size": 0]
        try chain.job("blockdev-create", ["job-id": "job", "options": file])
        try chain.execute("blockdev-add", ["driver": "file", "node-name": "over-file", "filename": .string(over)])
        let image: JSONValue = [
            "driver": "qcow2", "file": "over-file", "size": .integer(4 << 20), "backing-file": "top.qcow2",
            "backing-fmt": "qcow2",
        ]
        try chain.job("blockdev-create", ["job-id": "job", "options": image])
        try chain.execute(
            "blockdev-add", ["driver": "qcow2", "node-name": "over", "file": "over-file", "backing": .null])
        try chain.execute("blockdev-snapshot", ["node": "disk0", "overlay": "over"])
        // Into an image between: with the name that is to be written into the one above it.
        try chain.job(
            "block-commit",
            [
                "job-id": "job", "device": "over", "top-node": "disk0-backing1", "base-node": "disk0-backing2",
                "backing-file": "base.raw", "auto-dismiss": false,
            ])
        try chain.end()
        let run = try DroverRun(["run"], chain.workspace.variables(disk: over))
        try run.wait(for: "the guest runs", within: 60)
        let files = ["over.qcow2", "top.qcow2", "base.raw"].map { "\(chain.workspace.path)/\($0)" }
        #expect(try openFiles(of: run.qemuPID()) == Set(files))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    /// With files behind it that nothing but the check has found.
    @Test func aChainIsGrown() throws {
        let workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && qemu-img create -q -f raw base.raw 4M
            qemu-img create -q -f qcow2 -o data_file=data.raw -b base.raw -F raw disk.qcow2 1M
            """)
        let run = try DroverRun(["run"], workspace.variables(disk: "\(workspace.path)/disk.qcow2", ["DISK_SIZE": "8M"]))
        try run.wait(for: "the guest runs", within: 60)
        let info = try shell("cd '\(workspace.path)' && qemu-img info -U disk.qcow2")
        #expect(info.contains("8 MiB (8388608 bytes)") && info.contains("backing file: base.raw"), "\(info)")
        #expect(info.contains("data file: data.raw"))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }
}
