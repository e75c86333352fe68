import JSON
import Linux
import QMP

/// `drover screen`: the text on the guest's screen.
public enum Screen {
    /// - Parameter cursor: whether the cursor's place is wanted too.
    public static func read(
        _ client: QMPClient, cursor: Bool, until deadline: Instant
    ) throws(ClientFailure) -> DroverScreen {
        let command = QMPCommand(DroverCommand.screen.rawValue, ["cursor": .boolean(cursor)])
        let reply = try client.expectSuccess(of: command, until: deadline)
        do throws(JSONMismatch) {
            return try DroverScreen(reply.result ?? .null)
        } catch {
            throw client.misunderstood(.screen, error)
        }
    }

    /// Down to the last row that has something.
    ///
    /// - Throws: when there is no text.
    public static func text(of screen: DroverScreen, coloured: Bool) throws(ClientFailure) -> String {
        switch screen {
        case .text(let screen):
            let lines = coloured ? screen.colouredLines : screen.lines
            return downToLastText(lines).map { $0 + "\n" }.joined()
        case .graphics: throw ClientFailure(.no, noText(.graphics))
        case .none: throw ClientFailure(.no, noText(.none))
        }
    }

    static func downToLastText(_ lines: [String]) -> ArraySlice<String> {
        lines[..<(lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0)]
    }

    static func noText(_ screen: DroverScreen) -> String {
        screen == .graphics
            ? "the guest's screen is in a graphics mode and has no text; see drover screenshot"
            : "nothing has written a text to the guest's screen, or the machine has no VGA adapter; see drover screenshot"
    }
}

/// What of a screen has come since it was last looked at.
public struct ScreenFollower {
    private let coloured: Bool
    private var before: DroverScreen?

    public init(coloured: Bool) {
        self.coloured = coloured
    }

    /// - Returns: the lines that are new. A line that has grown comes again, and so does all of a screen that has been redrawn.
    public mutating func lines(of screen: DroverScreen) -> [String] {
        defer { before = screen }
        guard let text = screen.text else { return screen == before ? [] : ["(\(Screen.noText(screen)))"] }
        let lines = Screen.downToLastText(text.lines)
        let new = Self.firstNew(lines, after: before?.text?.lines ?? [])
        return Array(coloured ? text.colouredLines[new..<lines.endIndex] : lines[new...])
    }

    /// Lines scroll up, and the last one may have grown.
    private static func firstNew(_ lines: ArraySlice<String>, after before: [String]) -> Int {
        guard let last = before.lastIndex(where: { !$0.isEmpty }) else { return 0 }
        for scrolled in 0...last {
            let kept = last - scrolled
            guard kept < lines.count, lines[..<kept].elementsEqual(before[scrolled..<last]) else { continue }
            if lines[kept] == before[last] { return kept + 1 }
            if lines[kept].hasPrefix(before[last]) { return kept }
        }
        return 0
    }
}
