import Foundation
import Linux
import TestSupport
import Testing

/// A clone with `edge.yaml`, as a user has it, and a guest with a login prompt on its screen.
final class EdgeClone {
    let clone: Clone
    let port: UInt16
    var address: String { "https://127.0.0.1:\(port)" }

    init(_ settings: [String] = [], overlays: String = "edge.yaml") throws {
        port = try Listener.freePort()
        clone = try Clone(
            ["COMPOSE_FILE=compose.yaml:\(overlays)", "DISK_FILE=micro.qcow2", "EDGE_PORT=\(port)"] + settings)
        let disk = try clone.workspace.disk(.micro)
        let atBoot = """
            #!/bin/sh
            while :; do setsid getty 0 tty1 linux; done &
            mkdir /run/www && echo '<script>document.title = origin</script>guest page' >/run/www/index.html
            httpd -p 80 -h /run/www
            """
        try clone.workspace.runAtBoot(atBoot, on: disk)
        try clone.type(
            "mkdir disk; mv '\(disk)' disk/micro.qcow2; chown 10001:10001 disk disk/micro.qcow2; scripts/secrets --edge"
        )
    }

    func up() throws { try clone.compose("up --detach --no-build hurd bridge edge") }

    func part(_ service: String) throws -> Container {
        Container(id: try clone.compose("ps --all --quiet \(service)").trimmingNewline())
    }

    var operatorPassword: String { get throws { try clone.secret("edge_password") } }
    var viewPassword: String { get throws { try clone.secret("edge_view_password") } }

    /// What Drover says is on the screen.
    func screen() throws -> String { try Engine.docker("exec \(part("hurd").id) drover screen") }

    func waitForScreen(_ text: String, within seconds: Int = 300) throws {
        try Engine.wait(for: "\(text) on the screen", within: seconds) { try screen().contains(text) }
    }

    /// Waits until the browser has the picture that QEMU itself takes, but for the cursor, which blinks.
    func waitForPicture(in browser: Browser) throws {
        let hurd = try part("hurd").id
        let file = "\(clone.workspace.path)/screen.png"
        let script = """
            const [data, done] = arguments;
            const image = new Image();
            image.onerror = () => done("no picture");
            image.onload = () => {
                const seen = document.querySelector("#screen canvas"), drawn = document.createElement("canvas");
                [drawn.width, drawn.height] = [image.width, image.height];
                if (seen === null || seen.width !== drawn.width || seen.height !== drawn.height) return done("other size");
                const bytes = (canvas) => canvas.getContext("2d").getImageData(0, 0, image.width, image.height).data;
                drawn.getContext("2d").drawImage(image, 0, 0);
                const [one, other] = [bytes(seen), bytes(drawn)];
                let [differs, lit] = [0, 0];
                for (let i = 0; i < one.length; i++) {
                    if (one[i] !== other[i]) differs++;
                    if (i % 4 !== 3 && one[i] > 100) lit++;
                }
                done(differs < 200 && lit > 300 ? "same" : `${differs} bytes differ, ${lit} are lit`);
            };
            image.src = "data:image/png;base64," + data;
            """
        var last = ""
        do {
            try Engine.wait(for: "the guest's picture in the browser", within: 300) {
                try Engine.docker("exec \(hurd) drover screenshot - >'\(file)'")
                let picture = Data(try readFile(file, limit: 1 << 22)).base64EncodedString()
                last = try browser.run(script, [picture], isAsync: true) as? String ?? ""
                return last == "same"
            }
        } catch {
            throw TestFailure("the guest's picture is not in the browser: \(last)")
        }
    }
}
