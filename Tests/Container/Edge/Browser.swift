import Foundation
import Linux
import TestSupport

/// Debian's Chromium without a window, by WebDriver (W3C), in the engine's network.
final class Browser {
    private let container: String
    private let workspace: Workspace
    private let server: String
    private var session = ""

    /// One that has opened `address` and logged in there.
    init(_ edge: EdgeClone, as user: String, password: String, size: String = "1100,760") throws {
        workspace = edge.clone.workspace
        let port = try Listener.freePort()
        server = "http://127.0.0.1:\(port)"
        container = try Engine.docker(
            "run --detach --network host --tmpfs /tmp --shm-size 256m drover-browser chromedriver --port=\(port)"
        ).trimmingNewline()
        try Engine.wait(for: "chromedriver", within: 300) {
            (try? shell("curl -fsS '\(server)/status' 2>/dev/null")) != nil
        }
        let options: [String: Any] = [
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=\(size)",
                "--disable-background-networking", "--disable-component-update",
            ]
        ]
        let made = try ask(
            "POST", "",
            [
                "capabilities": [
                    "alwaysMatch": [
                        "browserName": "chrome", "acceptInsecureCerts": true, "goog:chromeOptions": options,
                        "goog:loggingPrefs": ["browser": "ALL"],
                    ]
                ]
            ])
        session = "/" + ((made as? [String: Any])?["sessionId"] as? String ?? "")
        try open("https://\(user):\(password)@127.0.0.1:\(edge.port)/")
    }

    /// Again where the browser has given up what it was loading, as it does when the engine's bridges come and go.
    private func open(_ address: String) throws {
        let change = "ERR_NETWORK_CHANGED"
        let deadline = Instant.within(60)
        while Instant.now() < deadline {
            do {
                _ = try ask("POST", "/url", ["url": address])
                if try !log().contains(where: { $0.contains(change) }) { return }
            } catch let failure as TestFailure where "\(failure)".contains(change) {
                continue
            }
        }
        throw TestFailure("the network does not come to rest")
    }

    /// What JavaScript in the page returns; of `isAsync` what it gives to the last of its arguments.
    @discardableResult
    func run(_ script: String, _ arguments: [Any] = [], isAsync: Bool = false) throws -> Any {
        try ask("POST", "/execute/\(isAsync ? "async" : "sync")", ["script": script, "args": arguments])
    }

    func text(_ expression: String) throws -> String { try run("return String(\(expression))") as? String ?? "" }

    func wait(for expression: String, within seconds: Int = 300) throws {
        do {
            try Engine.wait(for: expression, within: seconds) { try text("!!(\(expression))") == "true" }
        } catch {
            throw TestFailure("\(expression): not so\n\(try log())\n\(try text("document.body.innerText"))")
        }
    }

    func click(_ selector: String) throws {
        _ = try ask("POST", "/element/\(try element(selector))/click", [:])
    }

    /// As fingers do: letters, digits, spaces and hyphens; `\n` is the Enter key.
    func type(_ text: String) throws {
        var actions: [[String: String]] = []
        for character in text {
            let key = character == "\n" ? "\u{E007}" : String(character)
            let shift = character.isUppercase ? "\u{E008}" : nil
            if let shift { actions.append(["type": "keyDown", "value": shift]) }
            actions += [["type": "keyDown", "value": key], ["type": "keyUp", "value": key]]
            if let shift { actions.append(["type": "keyUp", "value": shift]) }
        }
        _ = try ask(
            "POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions] as [String: Any]]])
    }

    /// A PNG of the page, in base64.
    func picture() throws -> String { try ask("GET", "/screenshot", nil) as? String ?? "" }

    /// What the page has complained of since the last time.
    func log() throws -> [String] {
        let entries = try ask("POST", "/se/log", ["type": "browser"]) as? [[String: Any]] ?? []
        return entries.compactMap { $0["message"] as? String }
    }

    private func element(_ selector: String) throws -> String {
        let found = try ask("POST", "/element", ["using": "css selector", "value": selector]) as? [String: String]
        guard let id = found?.values.first else { throw TestFailure("no element \(selector)") }
        return id
    }

    private func ask(_ method: String, _ path: String, _ body: [String: Any]?) throws -> Any {
        let file = "\(workspace.path)/asked.json"
        try JSONSerialization.data(withJSONObject: body ?? [:]).write(to: URL(fileURLWithPath: file))
        let data = body == nil ? "" : "--data-binary '@\(file)'"
        let answer = try shell(
            "curl -sS --max-time 120 -X \(method) -H 'Content-Type: application/json' \(data) '\(server)/session\(session)\(path)'",
            within: 130)
        let json = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let value = json?["value"] ?? NSNull()
        if let problem = value as? [String: Any], let name = problem["error"] as? String {
            throw TestFailure("\(path): \(name): \(problem["message"] ?? "")")
        }
        return value
    }

    deinit {
        _ = try? Engine.docker("rm --force --volumes \(container)")
    }
}
