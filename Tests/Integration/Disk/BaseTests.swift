import Foundation
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// `QEMU_BASE`: a disk is made over an image that is never written.
@Suite struct BaseTests {
    @Test func twoGuestsShareABase() throws {
        let workspace = try Workspace()
        try shell("cd '\(workspace.path)' && mkdir images one two")
        let base = try workspace.disk(.micro, named: "images/base.qcow2")
        let before = try ThrowAwayTests.sum(base)
        func start(_ name: String, _ more: [String: String] = [:]) throws -> DroverRun {
            let own = ["QEMU_BASE": base, "DROVER_RUNTIME_DIR": "\(workspace.path)/\(name)/run"]
            return try DroverRun(
                ["run"],
                workspace.variables(disk: "\(workspace.path)/\(name)/disk.qcow2", own.merging(more) { $1 }),
                // As in a container that has the base mounted with :ro.
                by: [
                    "/usr/bin/unshare", "--mount", "--propagation", "private", "sh", "-c",
                    "cd '\(workspace.path)' && mount --bind images images && mount -o remount,bind,ro images && exec \"$@\"",
                    "sh",
                ])
        }
        for boot in 1...2 {
            let runs = try [start("one"), start("two", ["DISK_SIZE": "1G"])]
            for run in runs {
                try run.wait(for: "console: micro: boot \(boot)", within: 400)
                try run.wait(for: "console: micro: ready", within: 400)
            }
            for (run, name) in zip(runs, ["one", "two"]) {
                #expect(try openFiles(of: run.qemuPID()) == [base, "\(workspace.path)/\(name)/disk.qcow2"])
                try run.signal(.terminate)
                #expect(try run.waitForExit(within: 60) == .exited(0), "\(run.lines.suffix(5))")
            }
        }
        #expect(try ThrowAwayTests.sum(base) == before)
        let infos = try ["one", "two"].map { try shell("qemu-img info '\(workspace.path)/\($0)/disk.qcow2'") }
        // Elsewhere: by its whole name.
        for info in infos {
            #expect(info.contains("backing file: \(base)\n") && info.contains("backing file format: qcow2"), "\(info)")
        }
        #expect(infos[1].contains("virtual size: 1 GiB"))
        #expect(infos[0].contains(try shell("qemu-img info '\(base)' | grep 'virtual size'")))
        try shell("qemu-img check '\(workspace.path)/one/disk.qcow2'")
    }

    /// Beside it by its name alone, which a colon must not make a protocol.
    @Test func besideTheDiskABaseCanBeMovedWithIt() throws {
        let workspace = try Workspace()
        let folder = workspace.path
        try shell(
            """
            cd '\(folder)' && mkdir over-a-base && cd over-a-base && qemu-img create -q -f raw below.raw 3M
            qemu-img create -q -f qcow2 -b below.raw -F raw './a,base:1.qcow2'
            """)
        let base = "\(folder)/over-a-base/a,base:1.qcow2"
        let variables = workspace.variables(
            disk: "\(folder)/over-a-base/disk.qcow2",
            ["QEMU_BASE": base.replacing(":", with: "\\:").replacing(",", with: "\\,")])
        let check = try DroverRun(["check"], variables)
        #expect(try check.waitForExit(within: 60) == .exited(0), "\(check.lines)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/over-a-base/disk.qcow2"))
        let shown = check.lines.filter { $0.contains("/proc/self/fd/") && $0.contains("QEMU_DRIVE: ") }
        #expect(shown.count == 3 && shown[0].contains("(image, qcow2, 3 MiB, not there yet)"), "\(shown)")

        let files = ["disk.qcow2", "a,base:1.qcow2", "below.raw"]
        for place in ["over-a-base", "moved"] {
            let moved = variables.mapValues { $0.replacing("/over-a-base/", with: "/\(place)/") }
            let run = try DroverRun(["run"], moved)
            try run.wait(for: "the guest runs", within: 60)
            #expect(try openFiles(of: run.qemuPID()) == Set(files.map { "\(folder)/\(place)/\($0)" }))
            let client = try QMPClient.connect(to: "\(folder)/run/qmp.sock", until: .within(30))
            let commit = QMPCommand("block-commit", ["job-id": "job", "device": "disk0"])
            #expect(try client.execute(commit, until: .within(30)).result == nil)
            try run.signal(.quit)
            try run.waitForExit(within: 60)
            let info = try shell("qemu-img info '\(folder)/\(place)/disk.qcow2'")
            #expect(info.contains("backing file: ./a,base:1.qcow2"), "\(info)")
            if place == "over-a-base" { try shell("mv '\(folder)/over-a-base' '\(folder)/moved'") }
        }
    }
}
