import Basics
import Linux
import Operator
import QMP

/// `drover screen`: the text on the guest's screen.
struct ScreenCommand: Command {
    static let declaration = Subcommand(
        "screen", "the text on the guest's screen", needsRun: true,
        options: [color, json, follow],
        exclusion: Exclusion(names: [color.name, json.name], reason: "JSON has the colours in its cells"),
        text: """
            Prints what the guest's screen shows in the VGA's text mode: a BIOS, a boot loader, a GNU/Hurd or a Linux
            without a serial console. Fails in a graphics mode, of which drover screenshot takes a picture.
            """,
        ScreenCommand.self)

    private static let color = Option.flag("--color", "with the colours, as escape sequences for a terminal")
    private static let json = Option.flag(
        "--json",
        "one JSON object: the lines, the cursor, and each cell's code and attribute as four hexadecimal digits")
    private static let follow = Option.flag(
        "--follow", "go on, and print lines as they appear; the screen is read once a second")

    let isColoured: Bool
    let asJSON: Bool
    let follows: Bool

    func run() throws -> Int32 {
        let client = try connectToPID1()
        guard follows else {
            let screen = try Screen.read(client, cursor: asJSON, until: .now() + .seconds(5))
            show(
                asJSON
                    ? screen.jsonValue.encodedText(.readable) + "\n"
                    : try Screen.text(of: screen, coloured: isColoured))
            return ClientExit.success.rawValue
        }
        var follower = ScreenFollower(coloured: isColoured)
        while true {
            let screen = try Screen.read(client, cursor: asJSON, until: .now() + .seconds(60))
            show(
                asJSON
                    ? screen.jsonValue.encodedText() + "\n"
                    : follower.lines(of: screen).map { $0 + "\n" }.joined())
            try client.pause(until: .now() + .seconds(1))
        }
    }
}

extension ScreenCommand {
    init(_ arguments: Arguments) {
        isColoured = arguments.has(Self.color)
        asJSON = arguments.has(Self.json)
        follows = arguments.has(Self.follow)
    }
}
