import QMP
import Testing

@testable import Operator

private func screen(_ lines: [String]) -> DroverScreen {
    var cells: [UInt8] = []
    for row in 0..<25 {
        let line = row < lines.count ? Array(lines[row].utf8) : []
        for column in 0..<80 { cells += [column < line.count ? line[column] : 0x20, 7] }
    }
    return TextScreen(cells: cells).map { .text($0) } ?? .none
}

/// What is shown one after the other, and what of it is new.
private let cases: [(String, [[String]], [[String]])] = [
    ("lines are added", [["a"], ["a", "b"], ["a", "b"]], [["a"], ["b"], []]),
    ("a line grows", [["a", "log"], ["a", "login:"]], [["a", "log"], ["login:"]]),
    ("it scrolls", [["a", "b", "c"], ["b", "c", "d"], ["d", "e", "f"]], [["a", "b", "c"], ["d"], ["e", "f"]]),
    ("it is redrawn", [["a", "b"], ["x", "y"]], [["a", "b"], ["x", "y"]]),
    ("blank rows between", [["", "a"], ["", "a", "", "b"]], [["", "a"], ["", "b"]]),
    ("it is cleared", [["a"], [], ["b"]], [["a"], [], ["b"]]),
]

@Test(arguments: cases.indices) func whatIsNewOnTheScreenIsFollowed(_ index: Int) {
    let (name, screens, expected) = cases[index]
    var follower = ScreenFollower(coloured: false)
    #expect(screens.map { follower.lines(of: screen($0)) } == expected, "\(name)")
}

@Test func aGraphicsModeIsSaidOnce() {
    var follower = ScreenFollower(coloured: false)
    #expect(follower.lines(of: .graphics).first?.contains("drover screenshot") == true)
    #expect(follower.lines(of: .graphics).isEmpty)
    #expect(follower.lines(of: screen(["a"])) == ["a"])
    #expect(failure { _ = try Screen.text(of: .graphics, coloured: false) }?.exit == .no)
}
