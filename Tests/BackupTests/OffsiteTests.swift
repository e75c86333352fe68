import Basics
import JSON
import Linux
import Machine
import Operator
import Testing

@testable import Backup

/// What of the copies elsewhere needs no restic: when they are due, what its answers mean, which secrets are refused.
@Suite struct OffsiteTests {
    private func answer(_ code: Int32, _ messages: String, limit: Int? = nil) -> ResticAnswer {
        ResticAnswer(status: .exited(code), output: [], messages: Array(messages.utf8), limit: limit)
    }

    /// As restic 0.18 has written them.
    @Test func whatResticSaysBecomesOneLineWithARemedy() {
        let absent =
            #"{"message_type":"exit_error","code":10,"message":"Fatal: repository does not exist: unable to open config file: Stat: The specified key does not exist.\nIs there a repository at the following location?\ns3:http://127.0.0.1:5999/backups/guest"}"#
        #expect(
            answer(10, absent).failure(of: "the repository").message
                == #"the repository: Fatal: repository does not exist: unable to open config file: Stat: The specified key does not exist. Is there a repository at the following location? s3:http://127.0.0.1:5999/backups/guest; if that is where it is to be, make one: run "restic init" once, in this container's image and with its settings"#
        )
        #expect(answer(10, absent).failure(of: "x").exit == .absent)
        #expect(
            answer(12, "Fatal: wrong password or no key found\n").failure(of: "the snapshot").message
                == "the snapshot: the password does not open the repository; RESTIC_PASSWORD_FILE must hold the one that it was made with"
        )
        let refused =
            "Stat(<config/>) returned error, retrying after 2.2s: Stat: dial tcp 127.0.0.1:5998: connect: connection refused\n"
        let ended =
            "\u{1B}[2Ksignal terminated received, cleaning up\nFatal: unable to open config file: context canceled\n"
        #expect(
            answer(1, refused + ended, limit: 120).failure(of: "the repository").message
                == "the repository: the repository has not answered for 120 s: Stat(<config/>) returned error, retrying after 2.2s: Stat: dial tcp 127.0.0.1:5998: connect: connection refused; look at its address, the network and the access keys"
        )
        let locked = answer(
            11, #"{"message_type":"exit_error","code":11,"message":"repository is already locked by PID 24214"}"#)
        #expect(locked.isLocked && locked.failure(of: "the check").exit == .deadline)
        let lost =
            #"{"message_type":"error","error":{"message":"open /b/x: no such file or directory"},"during":"archival","item":"/b/x"}"#
        #expect(answer(3, lost).isIncomplete)
        #expect(answer(3, lost).reason == "/b/x: open /b/x: no such file or directory")
        let unknown =
            "subprocess ssh: Host key verification failed.\nFatal: unable to start the sftp session, error: EOF\n"
        #expect(
            answer(1, unknown).reason
                == "subprocess ssh: Host key verification failed.; Fatal: unable to start the sftp session, error: EOF")
        #expect(answer(1, "").reason == "it has not said why")
    }

    @Test func theLastLineThatIsJSONIsTheAnswer() throws {
        let pruned = ResticAnswer(
            status: .exited(0),
            output: Array("[{\"keep\":[1]}]\n[0:00] 100.00%  1 / 1 files deleted\n\nloading indexes...\ndone\n".utf8),
            messages: [],
            limit: nil)
        #expect(try pruned.json().elements?.count == 1)
        #expect(throws: ClientFailure.self) { try answer(0, "").json() }
    }

    private static let good = ["RESTIC_REPOSITORY_FILE": "/s/repository", "RESTIC_PASSWORD_FILE": "/s/password"]

    @Test(arguments: ResticEnvironment.refused.map(\.name))
    func aSecretInTheEnvironmentIsRefusedAndNotRepeated(_ name: String) throws {
        let failure = try failure {
            _ = try ResticEnvironment(Self.good.merging([name: "hunter2"]) { $1 }) { _ in true }
        }
        #expect(
            failure.exit == .usage
                && failure.message.hasPrefix("\(name): a secret does not belong in the environment; "))
        #expect(!failure.message.contains("hunter2"))
    }

    @Test func anAddressWithAPasswordIsRefusedToo() throws {
        for (address, isSecret) in [
            ("rest:https://user:hunter2@host/", true), ("rest:https://user@host/", false),
            ("sftp:user@host:/srv", false),
            ("sftp://user@host:2222//srv", false), ("s3:https://host/bucket", false), ("/repository", false),
        ] {
            #expect(ResticEnvironment.hasPassword(address) == isSecret, "\(address)")
        }
        let failure = try failure {
            _ = try ResticEnvironment(
                ["RESTIC_REPOSITORY": "rest:https://user:hunter2@host/", "RESTIC_PASSWORD_FILE": "/p"]) { _ in true }
        }
        #expect(!failure.message.contains("hunter2") && failure.message.contains("RESTIC_REPOSITORY_FILE"))
    }

    @Test func whatIsMissingIsNamed() throws {
        #expect(
            try ResticEnvironment(Self.good.merging(["EMPTY": "", "A": "b"]) { $1 }) { _ in true }.assignments
                == ["A=b", "RESTIC_PASSWORD_FILE=/s/password", "RESTIC_REPOSITORY_FILE=/s/repository"])
        let unreadable = try failure { _ = try ResticEnvironment(Self.good) { $0 != "/s/password" } }
        #expect(
            unreadable.exit == .notPermitted && unreadable.message.hasPrefix(#"RESTIC_PASSWORD_FILE: "/s/password""#))
        for name in Self.good.keys {
            let failure = try failure { _ = try ResticEnvironment(Self.good.filter { $0.key != name }) { _ in true } }
            #expect(failure.exit == .usage && failure.message.hasPrefix("\(name) is not set"))
        }
    }

    private let day = 86_400

    @Test func oneRunMayFailAndTwoInARowMayNot() {
        var state = OffsiteState(Configuration().offsite, began: noon)
        // Nothing is known yet: at once, and content for two days and an hour.
        #expect(state.nextTry(noon) == noon && state.goodUntil == noon + 2 * day + 3600)
        state.found(lastSnapshot: noon - 3600)
        #expect(state.nextTry(noon) == noon - 3600 + day && state.goodUntil == noon + 2 * day)
        state.failed("unreachable", at: noon + day)
        #expect(state.nextTry(noon + day) == noon + day + 900, "not a day later")
        #expect(state.text == "the last snapshot is of 2026-11-27T11:00:00Z; unreachable")
        state.sent(at: noon + day + 1000)
        #expect(state.nextTry(noon + day + 1000) == noon + 2 * day + 1000 && state.failure == nil)
        state.checked(damage: "broken", at: noon + day + 1000)
        #expect(state.goodUntil == 0 && state.text.hasSuffix("; broken"))
        state.checked(damage: nil, at: noon + day + 2000)
        #expect(state.goodUntil > noon)
    }

    @Test func aFailureDoesNotPutOffWhatIsDueSooner() {
        var settings = Configuration().offsite
        settings.schedule = .every(Period(seconds: 300))
        var state = OffsiteState(settings, began: noon)
        state.failed("x", at: noon)
        #expect(state.nextTry(noon) == noon + 300)
        // The clock has been put back by a year.
        #expect(state.nextTry(noon - 365 * day) <= noon - 365 * day + 900)
    }

    @Test func theCheckComesWithTheFirstRunAndThenByItsSchedule() {
        var settings = Configuration().offsite
        var state = OffsiteState(settings, began: noon)
        #expect(state.isCheckDue(noon))
        state.checked(damage: nil, at: noon)
        #expect(!state.isCheckDue(noon + 6 * day) && state.isCheckDue(noon + 7 * day))
        settings.check = nil
        #expect(!OffsiteState(settings, began: noon).isCheckDue(noon + 99 * day))
    }

    @Test func resticsTimesAreRead() {
        #expect(CivilTime(rfc3339: "2026-11-27T12:00:00.225220947Z")?.secondsSince1970 == noon)
        #expect(CivilTime(rfc3339: "2026-11-27T12:00:00Z")?.secondsSince1970 == noon)
        for text in ["2026-11-27T12:00:00+01:00", "", "2026-13-27T12:00:00Z", "garbage garbage garbageZ"] {
            #expect(CivilTime(rfc3339: text) == nil, "\(text)")
        }
    }
}
