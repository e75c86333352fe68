import Foundation
import Linux
import TestSupport
import Testing

/// `compose/edge.yaml` with a real browser and a real guest.
@Suite struct BrowserTests {
    /// Seconds for which the tab is left alone before what it talks to is restarted; 600 by hand, as somebody at lunch leaves it.
    private static let idle = environment("DROVER_IDLE").flatMap { Int($0) } ?? 0
    private static let isConnected = #"document.getElementById("connection").textContent === """#

    @Test func theScreenAndTheConsoleAreSeenAndTypedIntoAndComeBack() throws {
        let edge = try EdgeClone()
        try edge.up()
        try edge.part("hurd").wait(for: "micro: ready", within: 300)
        let browser = try Browser(edge, as: "operator", password: edge.operatorPassword)
        let password = try edge.clone.secret("root_password")
        try browser.wait(for: Self.isConnected)
        try edge.waitForScreen("login:")
        try edge.waitForPicture(in: browser)
        func logIn() throws {
            try browser.click("#screen canvas")
            try browser.type("root\n")
            try edge.waitForScreen("Password:")
            try browser.type(password + "\n")
            try edge.waitForScreen("~ #")
        }
        try logIn()
        try browser.type("seq -s- 40 42\n")
        try edge.waitForScreen("40-41-42")
        try edge.waitForPicture(in: browser)
        try browser.wait(for: "document.querySelector('#live.good') && document.querySelector('#ready.good')")
        if ProcessInfo.processInfo.environment["DROVER_REGENERATE"] == "1" {
            let picture = try #require(Data(base64Encoded: browser.picture()))
            try picture.write(to: URL(fileURLWithPath: "\(repository)/docs/images/browser.png"))
        }

        // A viewer beside it, with what a client of their own would send.
        let viewer = try Browser(edge, as: "viewer", password: edge.viewPassword, size: "412,800")
        try viewer.wait(for: Self.isConnected)
        try edge.waitForPicture(in: viewer)
        #expect(try viewer.text(#"[...document.querySelectorAll(".input")].every((each) => each.hidden)"#) == "true")
        let sent = try viewer.run(
            """
            const done = arguments[0];
            import("/novnc/core/rfb.js").then(({ default: RFB }) => {
                const rfb = new RFB(document.createElement("div"), `wss://${location.host}/screen`, { shared: false });
                // The server offers the power button after the viewer has asked for a picture.
                rfb.addEventListener("capabilities", () => {
                    for (const key of "zzz") rfb.sendKey(key.charCodeAt(0), "KeyZ");
                    rfb.sendCtrlAltDel();
                    rfb.machineReset();
                    rfb.machineShutdown();
                    rfb.clipboardPasteFrom("zzz");
                    rfb.addEventListener("disconnect", () => done("sent"));
                    rfb.disconnect();
                });
            });
            """, isAsync: true)
        #expect(sent as? String == "sent")
        try browser.type("seq -s- 50 52\n")
        try edge.waitForScreen("50-51-52")
        #expect(try !edge.screen().contains("z"))
        try edge.waitForPicture(in: viewer)
        let refused = try viewer.run(
            """
            const done = arguments[0];
            fetch(`${location.origin}/console`).then((answer) => done(answer.status));
            """, isAsync: true)
        #expect(refused as? Int == 403)

        // The serial console, which has a login of its own.
        try browser.click("#console-tab")
        let rows = #"document.querySelector(".xterm-rows").textContent"#
        try browser.wait(for: "\(rows).includes('login:')")
        try browser.type("root\n")
        try browser.wait(for: "\(rows).includes('Password:')")
        try browser.type(password + "\n")
        try browser.wait(for: "\(rows).includes('~ #')")
        try browser.type("seq -s- 60 62\n")
        try browser.wait(for: "\(rows).includes('60-61-62')")
        try edge.part("hurd").wait(for: "console: 60-61-62")

        // Ctrl-Alt-B leads away from what takes all keys.
        try browser.run("document.getElementById('screen-tab').click()")
        try browser.click("#screen canvas")
        _ = try browser.run(
            """
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
                { ctrlKey: true, altKey: true, code: "KeyB", key: "b", bubbles: true, cancelable: true }));
            """)
        #expect(try browser.text("document.activeElement.id") == "screen-tab")

        // The same tab, left alone.
        let end = Instant.now() + .seconds(Self.idle)
        try Engine.wait(for: "the end of the idle time", within: Self.idle) { Instant.now() >= end }
        for service in ["edge", "bridge"] {
            try edge.clone.compose("restart --timeout 5 \(service)")
            try browser.wait(for: Self.isConnected)
            try browser.click("#screen canvas")
            let word = service == "edge" ? "70-71" : "80-81"
            try browser.type("seq -s- \(word.replacing("-", with: " "))\n")
            try edge.waitForScreen(word)
        }
        try browser.click("#ctrl-alt-del")
        try edge.part("hurd").wait(for: "micro: boot 2", within: 300)
        try edge.waitForScreen("login:", within: 300)
        try edge.waitForPicture(in: browser)

        try browser.click("#power")
        try browser.click("#press")
        #expect(try edge.part("hurd").waitForExit(within: 300) == 0)
        try edge.clone.compose("start hurd")
        try edge.part("hurd").wait(for: "micro: boot 3", within: 300)
        try edge.waitForScreen("login:", within: 300)
        try browser.wait(for: Self.isConnected)
        try logIn()
        try edge.waitForPicture(in: browser)

        // Of no other origin anything, and nothing that the policy has had to stop.
        let others =
            #"performance.getEntriesByType("resource").filter((each) => new URL(each.name).origin !== origin).length"#
        #expect(try browser.text(others) == "0")
        #expect(try browser.log().filter { $0.contains("Content Security Policy") } == [])
        #expect(try viewer.log().filter { $0.contains("Content Security Policy") } == [])
    }
}
