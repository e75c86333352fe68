import Linux
import QMP
import Testing

@testable import Supervision

/// Children in simulated time: when they are started again, and how they are ended.
struct ChildTableTests {
    private typealias Event = Supervisor.Event

    private static func child(_ name: String, _ order: Child.StopOrder) -> Child {
        Child(name: name, arguments: [name], inherits: [.qmp(.readOnly)], stopOrder: order, limits: ProcessLimits())
    }

    private static func launched(_ name: String, _ pid: Int32) -> Event { .childLaunched(name: name, pid: pid) }
    private static func ended(_ pid: Int32, _ status: WaitStatus = .exited(1)) -> Event {
        .processEnded(pid: pid, status, lastWords: [])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var order = Child.StopOrder.afterGuest
        let script: [(Double, Supervisor.Event)]
        /// After the start and the child's first launch at 0.2.
        let deeds: [String]

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "a child that lives", script: [(0.2, launched("metrics", 50))], deeds: []),
        Case(
            name: "a child that dies at once comes back after 1, 2, 4 … 60 s",
            script: [
                (0.2, launched("metrics", 50)), (1, ended(50)), (2, launched("metrics", 51)), (2, ended(51)),
                (4, launched("metrics", 52)), (4, ended(52)), (8, launched("metrics", 53)), (8, ended(53)),
                (16, launched("metrics", 54)), (16, ended(54)), (32, launched("metrics", 55)), (32, ended(55)),
                (64, launched("metrics", 56)), (64, ended(56)), (124, launched("metrics", 57)), (124, ended(57)),
                (184, launched("metrics", 58)),
            ],
            deeds: ["2.0", "4.0", "8.0", "16.0", "32.0", "64.0", "124.0", "184.0"].map { "\($0) launch metrics" }),
        Case(
            name: "after a minute of life the pause is 1 s again",
            script: [
                (0.2, launched("metrics", 50)), (1, ended(50)), (2, launched("metrics", 51)), (3, ended(51)),
                (5, launched("metrics", 52)), (65, ended(52)), (66, launched("metrics", 53)),
            ],
            deeds: ["2.0 launch metrics", "5.0 launch metrics", "66.0 launch metrics"]),
        Case(
            name: "one that cannot be started is tried again",
            script: [
                (0.2, .childLaunchFailed(name: "metrics", .noMemory)), (1.2, launched("metrics", 50)),
            ],
            deeds: ["1.2 launch metrics"]),
        Case(
            name: "success is an end as well",
            script: [(0.2, launched("metrics", 50)), (1, ended(50, .exited(0))), (2, launched("metrics", 51))],
            deeds: ["2.0 launch metrics"]),
        Case(
            name: "a stop tells it to end, and does not wait", order: .beforeGuest,
            script: [(0.2, launched("metrics", 50)), (10, .term), (11, .poweredOff), (11.1, .endsWell)],
            deeds: ["10.0 kill SIGTERM 50", "10.0 send system_powerdown", "11.1 kill SIGKILL 50", "11.1 exit 0"]),
        Case(
            name: "one that ignores that is killed after 2 s", order: .beforeGuest,
            script: [
                (0.2, launched("metrics", 50)), (10, .term), (12.5, ended(50, .killed(.kill, coreDumped: false))),
                (13, .poweredOff), (13, .endsWell),
            ],
            deeds: ["10.0 kill SIGTERM 50", "10.0 send system_powerdown", "12.0 kill SIGKILL 50", "13.0 exit 0"]),
        Case(
            name: "one that has ended in a stop stays away", order: .beforeGuest,
            script: [
                (0.2, launched("metrics", 50)), (10, .term), (10.5, ended(50)), (19, .poweredOff), (19, .endsWell),
            ],
            deeds: [
                "10.0 kill SIGTERM 50", "10.0 send system_powerdown", "15.0 send system_powerdown", "19.0 exit 0",
            ]),
        Case(
            name: "one that was to come back does not, in a stop", order: .beforeGuest,
            script: [
                (0.2, launched("metrics", 50)), (9.5, ended(50)), (10, .term), (13, .poweredOff), (13, .endsWell),
            ],
            deeds: ["10.0 send system_powerdown", "13.0 exit 0"]),
        Case(
            name: "one whose launch is answered in the stop is killed", order: .beforeGuest,
            script: [(10, .term), (10, launched("metrics", 50)), (11, .poweredOff), (11, .endsWell)],
            deeds: ["10.0 send system_powerdown", "10.0 kill SIGKILL 50", "11.0 kill SIGKILL 50", "11.0 exit 0"]),
        Case(
            name: "what serves to the end goes on, and comes back",
            script: [
                (0.2, launched("metrics", 50)), (10, .term), (10.1, ended(50)), (11.1, launched("metrics", 51)),
                (12, .poweredOff), (12, .endsWell),
            ],
            deeds: [
                "10.0 send system_powerdown", "11.1 launch metrics", "12.0 kill SIGKILL 51", "12.0 exit 0",
            ]),
        Case(
            name: "a guest that powers itself off is a stop for it too", order: .beforeGuest,
            script: [(0.2, launched("metrics", 50)), (10, .poweredOff), (10.5, ended(50)), (11, .endsWell)],
            deeds: ["10.0 kill SIGTERM 50", "11.0 exit 0"]),
        Case(
            name: "its death never ends the run, whatever kills it",
            script: [
                (0.2, launched("metrics", 50)), (5, ended(50, .killed(Signal(rawValue: 11), coreDumped: true))),
                (6, launched("metrics", 51)),
            ], deeds: ["6.0 launch metrics"]),
    ]

    @Test(arguments: cases) func aChildGoesAsItShould(_ testCase: Case) {
        var simulation = Simulation(children: [Self.child("metrics", testCase.order)])
        for (time, event) in Event.up + testCase.script {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        // Long enough for the longest pause.
        simulation.advance(to: 183.9)
        if let last = testCase.script.last?.0, last > 183.9 { simulation.advance(to: last) }
        #expect(
            Array(simulation.deeds.dropFirst(4)) == ["0.2 launch metrics"] + testCase.deeds, "\(simulation.messages)")
    }

    @Test func manyEndInTheOrderOfTheStop() {
        let children = [Self.child("backup", .beforeGuest), Self.child("metrics", .afterGuest)]
        var simulation = Simulation(children: children)
        for (_, event) in Event.up { simulation.feed(event) }
        simulation.feed(Self.launched("backup", 50))
        simulation.feed(Self.launched("metrics", 51))
        simulation.feed(.term)
        simulation.feed(Self.ended(50))
        simulation.feed(.poweredOff)
        simulation.feed(.endsWell)
        #expect(
            simulation.deeds.suffix(4).map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
                "kill SIGTERM 50", "send system_powerdown", "kill SIGKILL 51", "exit 0",
            ])
        #expect(simulation.supervisor.orphansReaped == 0)
    }

    @Test func aPidThatIsNobodysIsAnOrphan() {
        var simulation = Simulation(children: [Self.child("metrics", .afterGuest)])
        for (_, event) in Event.up { simulation.feed(event) }
        simulation.feed(Self.launched("metrics", 50))
        simulation.feed(Self.ended(7))
        #expect(simulation.supervisor.orphansReaped == 1)
    }

    @Test func onlyRootAndOurOwnUIDAreLetIn() {
        let admission = PeerAdmission(uid: 10001)
        for (uid, isLetIn) in [(10001, true), (0, true), (10002, false), (.max, false)] as [(UInt32, Bool)] {
            #expect(admission.admits(ListeningSocket.Peer(pid: 1, uid: uid)) == isLetIn)
        }
    }
}
