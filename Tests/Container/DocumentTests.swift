import Foundation
import TestSupport
import Testing

/// Blocks of the documents between `<!-- run: NAME -->` and `<!-- /run -->`, typed as they stand, on the guest micro.
@Suite struct DocumentTests {
    @Test func theQuickStartIsAsItIsShown() throws {
        let clone = try Clone()
        try shell("mv '\(clone.workspace.disk(.micro))' '\(clone.path)/debian.qcow2'")
        let shown = try block("up", of: "README.md")
        let command = try #require(shown.first?.wholeMatch(of: /\$ sudo (.*)/)?.output.1)
        var rest = try clone.type(String(command)).components(separatedBy: "\n")[...]
        // `…` stands for lines that are left out.
        for line in shown.dropFirst() where line != "…" {
            let place = try #require(rest.firstIndex(of: line), "\(line), but not in:\n\(rest.joined(separator: "\n"))")
            rest = rest[(place + 1)...]
        }
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root") == "root\n")

        let day = try block("day", of: "README.md")
        let output = try clone.type("set -e\n" + day.joined(separator: "\n"))
        #expect(output.contains("state:        running"), "\(output)")
        #expect(try clone.container.log().contains("drover: stopped cleanly by rung "))
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root") == "root\n")
    }

    /// What `docs/operating.md` shows, on one guest, in its order; not what needs a terminal, an agent or a device.
    @Test func anOperatorsDayIsAsItIsShown() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let parts = try text(of: "\(repository)/docs/operating.md").components(separatedBy: "\n```")
        let blocks = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let needs = ["-it ", "drover guest", "drover usb", "drover console", "drover memory", "docker run"]
        let commands = blocks.flatMap { $0.components(separatedBy: "\n") }.filter { line in
            line.contains("docker ") && line.contains("drover-hurd-1") && !needs.contains { line.contains($0) }
                && !line.hasPrefix("$")
        }
        #expect(commands.count >= 9, "\(commands)")
        #expect(commands.last == "docker exec drover-hurd-1 drover stop")
        for command in commands {
            let typed = command.replacing("drover-hurd-1", with: container.id)
            // The log goes on until its reader is killed.
            let codes = command.hasPrefix("timeout") ? "[ $? = 124 ]" : "false"
            try shell(
                "cd '\(project.workspace.path)' && PATH=\"$(dirname '\(Engine.client)'):$PATH\" && export PATH && { \(typed)\n} 2>&1 || \(codes)"
            )
        }
        #expect(try container.waitForExit(within: 60) == 0)
    }

    @Test func aGuestRunsWithoutAClone() throws {
        let workspace = try Workspace(isOpen: false)
        let disk = try workspace.disk(.micro, named: "debian.qcow2")
        defer { _ = try? Engine.docker("rm --force guest") }
        let lines = try block("docker-run", of: "docs/container.md").joined(separator: "\n")
        try shell(
            "cd '\(workspace.path)' && test -e '\(disk)' && PATH=\"$(dirname '\(Engine.client)'):$PATH\" && export PATH && set -e\n\(lines)",
            within: 120)
        let container = Container(id: "guest")
        try container.wait(for: "console: micro: ready")
        let password = try text(of: "\(workspace.path)/guest/secrets/root_password")
        #expect(try GuestLogin(port: 2222, workspace: workspace).byPassword(password, "root") == "root\n")
        try Engine.docker("stop guest")
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
    }

    /// The disk of a project of gnu-hurd-docker's kind, in a volume that belongs to root.
    @Test func aDiskComesFromGNUHurdDocker() throws {
        let clone = try Clone()
        let disk = try clone.workspace.disk(.micro)
        defer { _ = try? Engine.docker("volume rm --force gnu-hurd-docker_hurd-disk gnu-hurd_hurd-guest") }
        defer { _ = try? clone.type("docker compose -p gnu-hurd down --timeout 0", in: "..") }
        try Engine.docker(
            "run --rm --user 0 --entrypoint qemu-img -v gnu-hurd-docker_hurd-disk:/old "
                + "-v '\(disk)':/disk.qcow2:ro drover convert -O qcow2 /disk.qcow2 /old/debian-hurd-amd64.qcow2")
        let page = "docs/migrating.md"
        try block("gnu-hurd-docker.yaml", of: page).joined(separator: "\n")
            .write(toFile: "\(clone.workspace.path)/compose.yaml", atomically: true, encoding: .utf8)
        try clone.type("mv clone/compose/.env .env && ln -s clone drover", in: "..")
        try clone.type("set -e\n" + block("gnu-hurd-docker", of: page).joined(separator: "\n"), in: "..")
        let password = try text(of: "\(clone.workspace.path)/secrets/root_password").trimmingNewline()
        #expect(try clone.login.byPassword(password, "root") == "root\n")
        try clone.type("docker compose -p gnu-hurd stop", in: "..")
        #expect(try Engine.docker("inspect --format '{{.State.ExitCode}}' gnu-hurd-dev") == "0\n")
    }

    /// A line of QEMU's, as the page has it but for KVM, its port and the disk's owner.
    @Test func aCommandLineBecomesAComposeFile() throws {
        let workspace = try Workspace(isOpen: false)
        let disk = try workspace.disk(.micro)
        let login = GuestLogin(port: try Listener.freePort(), workspace: workspace)
        @discardableResult
        func type(_ command: String) throws -> String {
            try shell(
                "cd '\(workspace.path)' && PATH=\"$(dirname '\(Engine.client)'):$PATH\" && export PATH && { \(command); } 2>&1",
                within: 300)
        }
        defer { _ = try? type("docker compose down --volumes --timeout 0") }
        let line = try block("adopt", of: "docs/migrating.md").joined(separator: "\n")
        let left = try type(line)
        for reason in [
            #"drover: "-vga" "qxl" is a screen that Drover's image does not have; it takes std"#,
            #"drover: "-monitor" opens a monitor; use drover monitor"#,
        ] {
            #expect(left.contains(reason), "\(left)")
            #expect(try text(of: "\(repository)/docs/migrating.md").contains(reason))
        }
        _ = try type(
            line.replacing("-enable-kvm ", with: "").replacing("127.0.0.1:2222", with: "127.0.0.1:\(login.port)"))
        // The guest has no password, so that its banner tells that it is ready.
        _ = try type("chown 10001 '\(disk)' && chmod 755 . && docker compose up -d --wait --wait-timeout 240")
        try login.mustRefuse { try login.byPassword("none", "root") }
    }
}

/// The lines of a block of a page between `<!-- run: NAME -->` and `<!-- /run -->`, without its fences.
func block(_ name: String, of page: String) throws -> [String] {
    let parts = try text(of: "\(repository)/\(page)").components(separatedBy: "<!-- run: \(name) -->\n```")
    try #require(parts.count == 2, "\(page) has no block \(name)")
    let lines = try #require(parts[1].components(separatedBy: "\n```").first)
    // The first has what the block is in.
    return Array(lines.components(separatedBy: "\n").dropFirst())
}
