import Foundation
import TestSupport
import Testing

/// The files of `compose/monitoring`, read by the programs that they are for where those can be had.
@Suite struct MonitoringFileTests {
    private static let folder = "\(repository)/compose/monitoring"

    /// A command in the image that `monitoring.yaml` has for a part, with the repository at `/drover`.
    private func run(_ part: String, _ command: String) throws -> String {
        let file = try text(of: "\(repository)/compose/monitoring.yaml")
        let image = try #require(file.split(separator: "\n").first { $0.contains("image: prom/\(part):") })
            .split(separator: " ")[1]
        return try Engine.docker(
            "run --rm --network none --tmpfs /tmp --volume '\(repository):/drover:ro' --workdir /drover --entrypoint sh \(image) -euc '\(command)'"
        )
    }

    @Test(arguments: ["compose", "swarm", "kubernetes"])
    func prometheusTakesItsConfiguration(_ place: String) throws {
        let output = try run(
            "prometheus",
            """
            cd /tmp; cp /drover/compose/monitoring/*.yml .; cp targets.\(place).yml targets.yml
            promtool check config --lint-fatal prometheus.yml; promtool check config targets.yml
            """)
        #expect(output.contains("prometheus.yml is valid") && output.contains("targets.yml is valid"), "\(output)")
    }

    @Test func eachAlertFiresWhereItShouldAndNotBesideThat() throws {
        #expect(
            try run("prometheus", "promtool check rules --lint-fatal compose/monitoring/alerts.yml").contains("SUCCESS")
        )
        #expect(try run("prometheus", "promtool test rules Tests/Rules/alerts.yml").contains("SUCCESS"))
    }

    @Test func alertmanagerTakesItsConfiguration() throws {
        let output = try run("alertmanager", "amtool check-config compose/monitoring/alertmanager.yml")
        #expect(output.contains("SUCCESS") && output.contains("1 receivers"), "\(output)")
    }

    /// Every part of the overlay, whether it can be run here or not.
    @Test func everyPartIsConfined() throws {
        let output = try Engine.docker(
            "compose \(composeFiles(["compose.yaml", "monitoring.yaml"])) config --format json")
        let json = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        let services = try #require(json?["services"] as? [String: [String: Any]])
        #expect(services.keys.sorted() == ["alertmanager", "alloy", "grafana", "hurd", "loki", "prometheus"])
        for (name, service) in services where name != "hurd" {
            #expect(service["read_only"] as? Bool == true, "\(name)")
            #expect(service["cap_drop"] as? [String] == ["ALL"], "\(name)")
            #expect(service["security_opt"] as? [String] == ["no-new-privileges:true"], "\(name)")
            #expect((service["user"] as? String)?.wholeMatch(of: /[1-9]\d*:\d+/) != nil, "\(name)")
            #expect((service["image"] as? String)?.wholeMatch(of: /[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+/) != nil, "\(name)")
            #expect(service["mem_limit"] != nil && service["pids_limit"] != nil, "\(name)")
            for port in service["ports"] as? [[String: Any]] ?? [] {
                #expect(port["host_ip"] as? String == "127.0.0.1", "\(name)")
            }
            for volume in service["volumes"] as? [[String: Any]] ?? [] where volume["type"] as? String == "bind" {
                #expect(volume["read_only"] as? Bool == true, "\(name)")
                let source = try #require(volume["source"] as? String)
                #expect(source.hasPrefix(Self.folder) && FileManager.default.fileExists(atPath: source), "\(source)")
            }
            #expect(!((service["networks"] as? [String: Any] ?? [:]).keys.contains("default")), "\(name)")
        }
        let networks = try #require(json?["networks"] as? [String: [String: Any]])
        for name in ["metrics", "monitoring"] { #expect(networks[name]?["internal"] as? Bool == true) }
        let hurd = try #require(services["hurd"])
        #expect((hurd["networks"] as? [String: Any])?.keys.sorted() == ["default", "metrics"])
        #expect((hurd["environment"] as? [String: Any])?["METRICS_LISTEN"] as? String == "0.0.0.0:9177")
        let logging = hurd["logging"] as? [String: Any]
        #expect(logging?["driver"] as? String == "syslog")
        #expect((logging?["options"] as? [String: String])?.keys.contains("max-size") == false)
    }

    /// What Grafana would refuse or show wrongly, as far as its schema says it.
    @Test func theDashboardIsWhole() throws {
        let dashboard = try Dashboard()
        let panels = dashboard.panels
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        let sources = try text(of: "\(Self.folder)/grafana/datasources.yml")
        var cells: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y) = (place["x"] ?? -1, place["y"] ?? -1)
            for column in x..<x + (place["w"] ?? 0) {
                for row in y..<y + (place["h"] ?? 0) {
                    #expect(cells.insert([column, row]).inserted && column < 24, "\(panel["title"] ?? "")")
                }
            }
            guard panel["type"] as? String != "row" else { continue }
            #expect(["logs", "stat", "timeseries"].contains(panel["type"] as? String))
            for target in try #require(panel["targets"] as? [[String: Any]]) {
                let source = try #require(target["datasource"] as? [String: String])
                #expect(sources.contains("uid: \(source["uid"] ?? "?")\n    type: \(source["type"] ?? "?")\n"))
                let query = try #require(target["expr"] as? String)
                // One guest or all, as the variable says.
                #expect(
                    query.contains(source["uid"] == "loki" ? #"container=~"$container""# : #"instance=~"$instance""#))
            }
        }
        #expect(dashboard.queries.count > 25)
        let variables = (dashboard.json["templating"] as? [String: Any])?["list"] as? [[String: Any]] ?? []
        #expect(variables.compactMap { $0["name"] as? String } == ["instance", "container"])
        // The guest's console and the rest are two sides of one label, which Alloy makes of the record's key.
        let logs = panels.filter { $0["type"] as? String == "logs" }.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
        let sides = logs.compactMap {
            ($0["expr"] as? String)?.firstMatch(of: /source!?="\w+"/).map { String($0.output) }
        }
        #expect(sides == [#"source="drover""#, #"source!="console""#, #"source="console""#])
        let alloy = try text(of: "\(Self.folder)/config.alloy")
        #expect(alloy.contains(#"values = { level = "", source = "" }"#) && alloy.contains(#"{ job = "drover" }"#))
        #expect(alloy.contains(#"target_label  = "container""#))
    }
}
