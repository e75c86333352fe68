import Testing

@testable import Supervision

struct ConsoleHubTests {
    private func write(_ text: String, to hub: inout ConsoleHub) -> [ConsoleHub.ViewerID] {
        Array(text.utf8).withUnsafeBytes { hub.guestWrote($0) }
    }

    private func attach(to hub: inout ConsoleHub) throws -> ConsoleHub.ViewerID {
        let (viewer, leaving) = hub.attach()
        try #require(leaving == nil)
        return viewer
    }

    /// What a viewer has still to get.
    private func output(_ viewer: ConsoleHub.ViewerID, of hub: inout ConsoleHub) -> String {
        var text = ""
        hub.writeOutput(for: viewer) { bytes, start in
            text = String(decoding: bytes[start...], as: UTF8.self)
            return bytes.count - start
        }
        return text
    }

    @Test func everyViewerGetsTheSameAndANewOneTheLastOfIt() throws {
        var hub = ConsoleHub()
        let first = try attach(to: &hub)
        #expect(write("boot\nlogin: ", to: &hub) == [])
        let second = try attach(to: &hub)
        #expect(write("root\n", to: &hub) == [])
        #expect(output(first, of: &hub) == "boot\nlogin: root\n")
        #expect(output(second, of: &hub) == "boot\nlogin: root\n")
        #expect(output(first, of: &hub) == "")
    }

    @Test func theReplayIsAScreenfulThatBeginsWithALine() throws {
        var hub = ConsoleHub()
        for number in 0..<20_000 { _ = write("line \(number)\n", to: &hub) }
        let viewer = try attach(to: &hub)
        let replay = output(viewer, of: &hub)
        #expect(replay.hasPrefix("line ") && replay.hasSuffix("line 19999\n"))
        #expect((ConsoleHub.replaySize - 20...ConsoleHub.replaySize).contains(replay.utf8.count))
    }

    @Test func aViewerThatDoesNotReadIsNamed() throws {
        var hub = ConsoleHub()
        let viewer = try attach(to: &hub)
        let screenful = String(repeating: "x", count: 1 << 16)
        var behind: [ConsoleHub.ViewerID] = []
        for _ in 0...16 { behind = write(screenful, to: &hub) }
        #expect(behind == [viewer])
        hub.detach(viewer)
        #expect(write(screenful, to: &hub) == [])
    }

    @Test func whoHasTypedNothingForLongestMakesRoom() throws {
        var hub = ConsoleHub()
        let viewers = try (0..<ConsoleHub.viewerLimit).map { _ in try attach(to: &hub) }
        Array("x".utf8).withUnsafeBytes { hub.typed($0, by: viewers[0]) }
        let leaving = [hub.attach().leaving, hub.attach().leaving]
        #expect(leaving == [viewers[1], viewers[2]])
        hub.detach(viewers[5])
        _ = try attach(to: &hub)
    }

    @Test func thereIsABoundOnWhatIsTyped() throws {
        var hub = ConsoleHub()
        let viewer = try attach(to: &hub)
        #expect(hub.takesInput)
        [UInt8](repeating: 0, count: ConsoleHub.inputLimit).withUnsafeBytes { hub.typed($0, by: viewer) }
        #expect(!hub.takesInput)
        hub.writeInput { _, _ in 1 }
        #expect(hub.takesInput)
    }
}
