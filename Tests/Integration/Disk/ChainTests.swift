import Foundation
import Linux
import TestSupport
import Testing

/// What `check` has named is what QEMU opens, and nothing else, whatever images name.
@Suite struct ChainTests {
    private static let count = 300
    /// As many as one machine takes.
    private static let most = 17

    @Test func whatWasCheckedIsWhatIsOpened() throws {
        let workspace = try Workspace()
        let ground = GeneratedChain.Ground(
            images: "\(workspace.path)/images", elsewhere: "\(workspace.path)/elsewhere",
            listed: ("\(workspace.path)/elsewhere/listed.qcow2", "\(workspace.path)/elsewhere/listed.raw"))
        let decoys = "\(workspace.path)/decoys"
        try shell("cd '\(workspace.path)' && mkdir images elsewhere decoys && truncate -s 4096 elsewhere/listed.raw")
        let template = try ImageTemplate()
        try Data(template.naming()).write(to: URL(fileURLWithPath: ground.listed.qcow2))
        var chance = SeededGenerator(seed: 12)
        let chains = try (0..<Self.count).map { try GeneratedChain($0, on: ground, template, &chance) }
        for name in chains.flatMap(\.relativeNames) {
            let decoy = URL(fileURLWithPath: "\(decoys)/\(name)")
            try FileManager.default.createDirectory(
                at: decoy.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(template.naming()).write(to: decoy)
        }
        let places = ["/", ground.images, decoys]
        let common = workspace.variables(
            disk: "", ["ALLOW_BACKING": "\(ground.listed.qcow2),\(ground.listed.raw)", "QEMU_STORAGE": "virtio"])

        // Each by itself: the exit code, and the files.
        let reports = try check(chains, places, common, workspace)
        var allowed: [(chain: GeneratedChain, report: CheckReport)] = []
        for (chain, report) in zip(chains, reports) {
            #expect(report.faults.isEmpty == chain.isAllowed, "\(chain.path): \(report.faults)")
            #expect(report.files.first?.path == chain.path)
            if report.faults.isEmpty { allowed.append((chain, report)) }
        }
        #expect(allowed.count > 100 && allowed.count < 220)
        #expect(allowed.contains { $0.report.files.filter { $0.role != "data file" }.count == 9 })

        // Those that are allowed, seventeen at a time, from each place.
        for (round, start) in stride(from: 0, to: allowed.count, by: Self.most).enumerated() {
            let group = allowed[start..<min(start + Self.most, allowed.count)]
            var variables = common
            variables["QEMU_DRIVE"] = group.first?.chain.path
            variables["QEMU_DISKS"] = group.dropFirst().map(\.chain.path).joined(separator: ",")
            let named = Set(group.flatMap { $0.report.files.map(\.path) })
            for place in places {
                try compare(named, variables, from: place, in: workspace, isTraced: round == 0)
            }
        }
    }

    /// `check` of each, and of those that it refuses `run`, which must refuse them the same way.
    private func check(
        _ chains: [GeneratedChain], _ places: [String], _ common: [String: String], _ workspace: Workspace
    ) throws -> [CheckReport] {
        let assignments = common.filter { $0.key != "QEMU_DRIVE" }.map { "\($0)=\(shellQuoted($1))" }
        let drover = "/usr/bin/env -i PATH=\(systemPath) \(assignments.joined(separator: " "))"
        let commands = chains.enumerated().map { index, chain in
            """
            cd '\(places[index % places.count])'
            \(drover) QEMU_DRIVE='\(chain.path)' '\(DroverRun.binary)' check --json >"$out/\(index).json" 2>"$out/\(index).check"
            code=$?
            [ $code = 0 ] || {
              \(drover) QEMU_DRIVE='\(chain.path)' '\(DroverRun.binary)' run >"$out/\(index).run" 2>&1
              [ $? = $code ] && ! grep -q 'starting QEMU' "$out/\(index).run" || echo \(index)
            }
            """
        }
        let script = "\(workspace.path)/check.sh"
        try "out='\(workspace.path)/out'; mkdir \"$out\"\n\(commands.joined(separator: "\n"))\nexit 0\n".write(
            toFile: script, atomically: true, encoding: .utf8)
        #expect(try shell("sh '\(script)'").isEmpty)
        return try chains.indices.map {
            try CheckReport(String(contentsOfFile: "\(workspace.path)/out/\($0).json", encoding: .utf8))
        }
    }

    private func compare(
        _ named: Set<String>, _ variables: [String: String], from place: String, in workspace: Workspace, isTraced: Bool
    ) throws {
        let trace = "\(workspace.path)/trace"
        let tracer = isTraced ? "exec strace -D -f -qq -e trace=open,openat,openat2 -o '\(trace)' " : "exec "
        let run = try DroverRun(
            ["run"], variables, by: ["/bin/sh", "-c", "cd '\(place)' && \(tracer) \"$@\"", "sh"])
        try run.wait(for: "the guest runs", within: 120)
        let qemu = try run.qemuPID()
        #expect(try openFiles(of: qemu) == named, "from \(place)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        guard isTraced else { return }
        // By number, and by no name, in any of its threads.
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        let qemus = lines.filter { !$0.hasPrefix("\(run.pid) ") && $0.contains("\"") }
        let opened = qemus.compactMap { $0.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first }
        #expect(opened.filter { $0.hasPrefix("/proc/self/fd/") }.count >= named.count)
        #expect(opened.filter { $0.contains(workspace.path) || !$0.hasPrefix("/") && $0 != "." } == [])
    }
}
