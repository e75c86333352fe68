import Foundation
import TestSupport
import Testing

/// nginx and the bridge of `compose/edge.yaml`: what they answer, and what they reach.
@Suite struct EdgeTests {
    @Test func onlyWhoMayComesInAndBadRequestsHarmNobody() throws {
        let edge = try EdgeClone()
        try edge.up()
        try Engine.wait(for: "/live", within: 300) { try status(edge, "/live") == "200" }
        let script = "\(repository)/Tests/Container/Edge/requests.py"
        let secrets = "\(edge.clone.path)/secrets"
        let output = try shell(
            "python3 '\(script)' \(edge.port) '\(secrets)/edge_password' '\(secrets)/edge_view_password' 2>&1",
            within: 500)
        #expect(
            output == "logins\nsockets\nredirect\nheaders\nciphers\n20 malformed requests\n200 connections\n",
            "\(output)")

        // Each line of the log is an object, whatever was asked for; no password is in it.
        let log = try shell("'\(Engine.client)' logs \(edge.part("edge").id) 2>/dev/null")
        let lines = log.split(separator: "\n")
        #expect(lines.count > 60)
        for line in lines {
            let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(record?["source"] as? String == "edge", "\(line)")
        }
        let all = try edge.part("edge").log() + edge.part("bridge").log()
        for password in [try edge.operatorPassword, try edge.viewPassword] {
            #expect(!all.contains(password) && !all.contains(Data("operator:\(password)".utf8).base64EncodedString()))
        }

        try renewalsAreTakenWithoutARestart(edge)
    }

    private func renewalsAreTakenWithoutARestart(_ edge: EdgeClone) throws {
        func fingerprint() throws -> String {
            try shell(
                "openssl s_client -connect 127.0.0.1:\(edge.port) </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"
            )
        }
        let (before, started) = (try fingerprint(), try edge.part("edge").inspect("{{.State.StartedAt}}"))
        try edge.clone.type(
            """
            openssl req -x509 -newkey rsa:2048 -noenc -days 9 -subj /CN=renewed -keyout new.key -out new.pem 2>/dev/null
            scripts/secrets --edge --certificate new.pem --certificate-key new.key
            """)
        #expect(try fingerprint() != before)
        let own = try shell("openssl x509 -in '\(edge.clone.path)/new.pem' -noout -fingerprint")
        #expect(try fingerprint() == own)

        let old = try edge.operatorPassword
        try edge.clone.type("rm secrets/edge_password; scripts/secrets --edge")
        #expect(try status(edge, "/", password: old) == "401")
        #expect(try status(edge, "/") == "200")
        #expect(try edge.part("edge").inspect("{{.State.StartedAt}}") == started)

        let wrong = try shellFailure {
            try edge.clone.type(
                "openssl genrsa -out other.key 2048 2>/dev/null; scripts/secrets --edge --certificate new.pem --certificate-key other.key"
            )
        }
        #expect(wrong.output.contains(#""other.key" is not the key of "new.pem""#), "\(wrong)")
        #expect(try fingerprint() == own)
    }

    private func status(_ edge: EdgeClone, _ path: String, password: String? = nil) throws -> String {
        let file = "\(edge.clone.workspace.path)/login"
        try "user = \"operator:\(password ?? edge.operatorPassword)\"\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        return
            (try? shell(
                "curl -sk --max-time 100 -K '\(file)' -o /dev/null -w '%{http_code}' '\(edge.address)\(path)'")) ?? ""
    }

    /// As tried from inside, with the same user, mounts and network.
    @Test func whoIsInsideReachesWhatIsTheirsAndNothingElse() throws {
        let edge = try EdgeClone(["EDGE_GUEST=path"])
        try edge.up()
        try edge.part("hurd").wait(for: "micro: ready", within: 300)
        let script = "\(repository)/Tests/Container/Edge/inside.py"
        try Engine.wait(for: "the bridge", within: 300) { try edge.part("bridge").log().contains("Listen on") }
        let bridge = try Engine.docker("exec -i \(edge.part("bridge").id) /usr/bin/python3 - <'\(script)'")
        #expect(
            Set(bridge.split(separator: "\n").map(String.init)) == [
                "socket /screen/drover/console.sock", "socket /screen/drover/vnc.sock", "socket /bridge/bridge.sock",
                "writable /bridge", "interfaces lo",
            ], "\(bridge)")
        // Its image has nothing to try it with.
        let id = try edge.part("edge").id
        let inside = try Engine.docker(
            "run --rm -i --user 10001:10001 --cap-drop ALL --read-only --volumes-from \(id) --network container:\(id) "
                + "--entrypoint /usr/bin/python3 drover-bridge - <'\(script)'")
        let found = Set(inside.split(separator: "\n").map(String.init))
        #expect(
            found == [
                "socket /bridge/bridge.sock", "file /run/secrets/certificate.pem", "file /run/secrets/htpasswd",
                "interfaces eth0 eth1 lo",
            ], "\(inside)")

        for service in ["bridge", "edge"] {
            let container = try edge.part(service)
            let status = try text(of: "/proc/\(container.inspect("{{.State.Pid}}"))/status")
            for line in [
                "Uid:\t10001\t10001", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                "Seccomp:\t2",
            ] {
                #expect(status.contains(line), "\(service): \(line)")
            }
            #expect(try container.inspect("{{.HostConfig.ReadonlyRootfs}}") == "true")
            let failure = try shellFailure { try Engine.docker("exec \(container.id) sh -c true") }
            #expect(failure.output.contains("executable file not found"), "\(failure)")
            let programs = try shell(
                "'\(Engine.client)' export \(container.id) | tar -t | grep -E '^(usr/)?s?bin/.' | sort | tr '\\n' ' '")
            #expect(
                programs == (service == "edge" ? "usr/sbin/nginx " : "usr/bin/python3 usr/bin/python3.13 "),
                "\(programs)")
        }
        try everyPairIsTried(edge)
        try theGuestsPageHasAnOriginOfItsOwn(edge)
    }

    private func everyPairIsTried(_ edge: EdgeClone) throws {
        let names = ["hurd", "edge"]
        func addresses(_ service: String) throws -> [Substring: Substring] {
            let text = try edge.part(service).inspect(
                "{{range $name, $it := .NetworkSettings.Networks}}{{$name}}={{$it.IPAddress}} {{end}}")
            let pairs = text.split(separator: " ").map { $0.split(separator: "=") }
            return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0].split(separator: "_").last ?? "", $0[1]) })
        }
        #expect(try addresses("hurd").keys.sorted() == ["default", "guest"])
        #expect(try addresses("edge").keys.sorted() == ["front", "guest"])
        let published = try Engine.docker(
            "ps --filter label=com.docker.compose.project=\(edge.clone.project) --format '{{.Label \"com.docker.compose.service\"}} {{.Ports}}'"
        )
        #expect(published.contains("edge 127.0.0.1:\(edge.port)->8443/tcp"), "\(published)")
        #expect(published.split(separator: "\n").contains("bridge "), "\(published)")
        #expect(!published.contains("8080->"), "\(published)")
        var reached: Set<String> = []
        for from in names {
            let pid = try edge.part(from).inspect("{{.State.Pid}}")
            for to in names where to != from {
                for (network, address) in try addresses(to) {
                    for port in [22, 80, 443, 2222, 5900, 6080, 8080, 8443, 9177] {
                        let tried = "import socket; socket.create_connection((\"\(address)\", \(port)), 2)"
                        if (try? shell("nsenter --net=/proc/\(pid)/ns/net python3 -c '\(tried)' 2>&1")) != nil {
                            reached.insert("\(from) \(to).\(network):\(port)")
                        }
                    }
                }
            }
        }
        // What edge asks Drover and the guest, and SSH, which listens where they do.
        #expect(
            reached == ["edge hurd.guest:2222", "edge hurd.guest:8080", "edge hurd.guest:9177", "hurd edge.guest:8443"])
    }

    private func theGuestsPageHasAnOriginOfItsOwn(_ edge: EdgeClone) throws {
        let browser = try Browser(edge, as: "operator", password: edge.operatorPassword)
        try browser.wait(for: #"document.getElementById("connection").textContent === """#)
        try browser.run("location.href = '/guest/'")
        // Its script ran, and not as the page's.
        try browser.wait(for: "document.title === 'null'")
        let answer = try browser.run(
            """
            const done = arguments[0];
            const socket = new WebSocket(`wss://${location.host}/console`);
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
            """, isAsync: true)
        #expect(answer as? String == "refused")
    }

    @Test func aNameOfItsOwnAndNoWayOut() throws {
        let edge = try EdgeClone(["EDGE_GUEST=host", "EGRESS=off"])
        try edge.up()
        let hurd = try edge.part("hurd")
        try hurd.wait(for: "micro: ready", within: 300)
        func page(_ host: String, _ user: String, _ password: String) throws -> String {
            let file = "\(edge.clone.workspace.path)/login"
            try "user = \"\(user):\(password)\"\n".write(toFile: file, atomically: true, encoding: .utf8)
            return try shell(
                "curl -sk --max-time 100 -K '\(file)' --resolve \(host):\(edge.port):127.0.0.1 -w ' %{http_code}' https://\(host):\(edge.port)/"
            )
        }
        // Its web server may have a moment to go.
        try Engine.wait(for: "the guest's page", within: 100) {
            (try? page("guest.example.org", "operator", edge.operatorPassword))?.hasSuffix("guest page\n 200") == true
        }
        #expect(try page("guest.example.org", "viewer", edge.viewPassword).hasSuffix(" 403"))
        #expect(try page("guest.example.org", "operator", "wrong").hasSuffix(" 401"))
        #expect(try page("example.org", "operator", edge.operatorPassword).contains("<title>Drover</title>"))

        // SSH works, and leads nowhere else.
        let password = try edge.clone.secret("root_password")
        let address = try edge.part("edge").inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}")
        for target in address.split(separator: " ").map(String.init) + ["10.0.2.2"] {
            let answer = try edge.clone.login.byPassword(
                password, "root", "wget -T 5 -O /dev/null http://\(target):8443/ || true")
            #expect(answer.contains("can't connect") || answer.contains("timed out"), "\(target): \(answer)")
        }
        #expect(try hurd.inspect("{{.Config.Env}}").contains("QEMU_NET_RESTRICT=on"))
        let networks = try hurd.inspect("{{range $name, $it := .NetworkSettings.Networks}}{{$name}} {{end}}")
        var kinds: [String] = []
        for network in networks.split(separator: " ") {
            kinds.append(
                try Engine.docker(
                    "network inspect \(network) --format '{{.Internal}} {{index .Options \"com.docker.network.bridge.enable_ip_masquerade\"}}'"
                ).trimmingNewline().trimmingCharacters(in: .whitespaces))
        }
        #expect(kinds.sorted() == ["false false", "true"])
    }
}
