/// The text console of a `micro` guest: what it shows, as the guest itself has it.
package struct TextConsole: Equatable {
    /// Rows, columns, and the cursor's column and row.
    package let header: [Int]
    /// Four hexadecimal digits a cell.
    package let cells: String

    package static let lastLines = ["line 80", "┌──┬──┐ ╔══╗", "│ab│cd│ ║▒▓║", "└──┴──┘ ╚══╝ äß"]

    /// Has the guest draw it: text that scrolls, box drawing and colours. Linux scrolls by moving the screen through the
    /// memory. Then it writes the whole to its serial port, down to the line `end`.
    ///
    /// - Parameter rows: 50 by a font of half the height (PC Screen Font, version 1).
    package static func draw(on disk: String, rows: Int = 25, hidesCursor: Bool = false, _ workspace: Workspace) throws
    {
        try workspace.boot(.micro, from: disk, replacing: "console=ttyS0,115200", with: "console=tty0")
        try workspace.runAtBoot(
            #"""
            #!/bin/sh
            exec >/dev/tty1
            [ \#(rows) = 25 ] || { printf '\066\004\000\010'; head -c 2048 /dev/zero; } | loadfont
            i=0
            while [ $i -lt 80 ]; do i=$((i + 1)); echo "line $i"; done
            printf '┌──┬──┐ ╔══╗\r\n│\033[1;33;44mab\033[0m│\033[31mcd\033[0m│ ║▒▓║\r\n└──┴──┘ ╚══╝ äß'
            ! \#(hidesCursor) || printf '\033[?25l'
            exec >/dev/ttyS0
            echo "header $(head -c 4 /dev/vcsa1 | od -An -tu1)"
            # The log has 4096 bytes a line.
            tail -c +5 /dev/vcsa1 | od -An -v -tx1 | tr -d ' \n' | sed 's/.\{1000\}/cells &\n/g'
            echo end
            sleep 10000
            """#, on: disk)
    }

    /// - Parameter log: of the run, down to the line `end`.
    package init(log: [String]) {
        func values(_ name: String) -> [Substring] {
            log.filter { $0.hasPrefix("console: \(name) ") }.map { $0.dropFirst("console: \(name) ".count) }
        }
        header = values("header").joined().split(separator: " ").compactMap { Int($0) }
        cells = values("cells").joined()
    }
}
