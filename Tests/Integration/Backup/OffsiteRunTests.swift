import Foundation
import Linux
import TestSupport
import Testing

/// `drover offsite` with a stand-in for restic, which fails as the real one seldom can be made to.
@Suite struct OffsiteRunTests {
    private let workspace: Workspace
    private var path: String { workspace.path }

    init() throws {
        workspace = try Workspace()
        try shell(
            "cd '\(path)' && mkdir backups && echo hunter2 >password && echo rest:http://u:hunter2@h/ >repository")
        try MadeBackup(in: "\(path)/backups")
    }

    /// - Parameter backup: what `restic backup` does, in shell; `$count` says how often it was started.
    private func environment(_ backup: String) throws -> String {
        let bin = try workspace.programs([
            "restic": """
            cd '\(path)'; shift
            echo "$*" >>arguments; tr '\\0' '\\n' </proc/$$/environ >>environment
            case $1 in
              snapshots | forget) echo '[]' ;;
              backup)
                echo x >>count; count=$(wc -l <count)
                \(backup)
                ;;
            esac
            """
        ])
        return "env -i PATH='\(bin)':/usr/bin:/bin BACKUP_DIR='\(path)/backups' DROVER_RUNTIME_DIR='\(path)/run' "
            + "RESTIC_REPOSITORY_FILE='\(path)/repository' RESTIC_PASSWORD_FILE='\(path)/password'"
    }

    private static let lost =
        #"echo '{"message_type":"error","error":{"message":"no such file or directory"},"item":"/b/x"}' >&2; echo "{\"snapshot_id\":\"incomplete$count\"}"; exit 3"#
    private static let whole =
        #"echo '{"snapshot_id":"0123456789","total_bytes_processed":20000000,"data_added_packed":10000000,"total_duration":1.5}'"#

    @Test func aBackupThatIsPrunedMeanwhileMakesItTryOnceMore() throws {
        let environment = try environment("if [ $count = 1 ]; then \(Self.lost); else \(Self.whole); fi")
        let output = try shell("\(environment) '\(DroverRun.binary)' offsite now 2>&1")
        #expect(
            output == """
                drover: warning: a file could not be read (/b/x: no such file or directory); once more, as a backup may have \
                been pruned meanwhile
                drover: snapshot 01234567 is in the repository: 1 backup, the newest 20261127T093000Z; 19 MiB read, 10 MiB \
                sent in 1.5 s

                """)
        let arguments = try String(contentsOfFile: "\(path)/arguments", encoding: .utf8)
        #expect(arguments.contains("forget --quiet incomplete1\n"), "\(arguments)")
        let said = try arguments + String(contentsOfFile: "\(path)/environment", encoding: .utf8) + output
        #expect(!said.contains("hunter2"))
    }

    @Test func aFileThatCannotBeReadTwiceIsAFailureAndWhatThereIsIsKept() throws {
        let environment = try environment(Self.lost)
        let failure = try shellFailure { try shell("\(environment) '\(DroverRun.binary)' offsite now 2>&1") }
        #expect(
            failure.output.contains("snapshot incomple is incomplete: /b/x: no such file or directory"), "\(failure)")
        #expect(failure.status == .exited(1))
        let arguments = try String(contentsOfFile: "\(path)/arguments", encoding: .utf8)
        #expect(
            arguments.contains("forget --quiet incomplete1\n") && !arguments.contains("incomplete2"), "\(arguments)")
    }

    /// Also one that heeds no SIGTERM.
    @Test(arguments: ["trap 'echo ended >ended; exit 1' TERM", "trap '' TERM"])
    func aStopEndsRestic(_ trap: String) throws {
        let environment = try environment("\(trap); echo $$ >pid; while :; do sleep 0.1; done")
        let output = try shell(
            """
            cd '\(path)'
            \(environment) '\(DroverRun.binary)' offsite serve >log 2>&1 & drover=$!
            for i in $(seq 200); do [ ! -s pid ] || break; sleep 0.1; done
            kill -TERM $drover; wait $drover; echo "code $?"
            ! kill -0 $(cat pid) 2>/dev/null || echo restic lives; cat log
            """, within: 60)
        #expect(output.hasPrefix("code 0\n") && output.hasSuffix("drover: ended by a signal\n"), "\(output)")
        #expect(!output.contains("restic lives") && !output.contains("could not be sent"), "\(output)")
        #expect(FileManager.default.fileExists(atPath: "\(path)/ended") == trap.contains("ended"))
    }
}
