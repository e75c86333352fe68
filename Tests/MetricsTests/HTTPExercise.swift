import Linux

@testable import Metrics

/// A connection under a script of moves: bytes come in pieces of any size, answers are taken in pieces of any size, time
/// passes. What must hold, holds after each.
struct HTTPExercise {
    private(set) var violations: [String] = []
    private(set) var answered = 0

    /// The first byte of a move tells what it is and how large, and what comes in follows it.
    static func run(_ script: [UInt8]) -> HTTPExercise {
        var exercise = HTTPExercise()
        var connection = HTTPConnection(at: Instant(nanoseconds: 0))
        var now = Instant(nanoseconds: 0)
        var rest = script[...]
        var asked: HTTPRequest?
        while let move = rest.popFirst(), !connection.isOver {
            let size = Int(move >> 2)
            switch move & 3 {
            case 0, 1:
                let bytes = rest.prefix(size)
                rest = rest.dropFirst(size)
                if connection.wantsInput { asked = connection.receive(bytes, at: now, second: 0) ?? asked }
            case 2:
                if let request = asked {
                    asked = nil
                    exercise.check(request)
                    connection.answer(HTTPAnswer(.ok, "x"), at: now, second: 0)
                }
                let count = min(connection.output.count - connection.start, size * 8)
                asked = connection.wrote(count, at: now, second: 0) ?? asked
            default:
                now = now + .milliseconds(size * 100)
                connection.deadlineReached(at: now, second: 0)
            }
            exercise.check(connection, at: now)
        }
        return exercise
    }

    private mutating func check(_ request: HTTPRequest) {
        answered += 1
        if !request.path.hasPrefix("/") || request.path.utf8.contains(where: { !(0x21...0x7E).contains($0) }) {
            violations.append("the path \(request.path.debugDescription)")
        }
    }

    private mutating func check(_ connection: HTTPConnection, at now: Instant) {
        if connection.start > connection.output.count { violations.append("more is taken than there is") }
        if connection.output.count > 1024 { violations.append("an answer of \(connection.output.count) bytes") }
        if let deadline = connection.deadline, deadline > now + HTTPConnection.answerTime {
            violations.append("a deadline that is too late")
        }
        if connection.wantsInput && connection.hasOutput { violations.append("it reads while it has to write") }
        if connection.held > HTTPRequestParser.limit + 64 { violations.append("it holds \(connection.held) bytes") }
    }
}
