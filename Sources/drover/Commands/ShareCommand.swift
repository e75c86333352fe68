import Basics
import Linux
import Machine
import Operator
import Seed

/// `drover share`: the folder that the guest has as a CD.
enum ShareCommand {
    static let declaration = Subcommand(
        "share", "the CD of the shared folder: refresh", needsRun: true,
        text: "The CD that a guest has of SHARE_DIR with SHARE_MODE=cd. By 9p the guest sees the folder itself.",
        examples: ["docker exec NAME drover share refresh"],
        verbs: [ShareRefreshCommand.declaration])
}

/// `drover share refresh`.
struct ShareRefreshCommand: Command {
    static let declaration = Subcommand(
        "share refresh", "a new CD of the folder as it is now", needsRun: true,
        text: """
            Makes the CD anew from SHARE_DIR and changes it in the guest's drive. The guest must have unmounted the old one. Lists
            what is left out: symbolic links, what is neither a file nor a folder, what cannot be read, and names that such a CD
            cannot hold.
            """,
        ShareRefreshCommand.self)

    func run() throws -> Int32 {
        let configuration = try BackupCommand.configuration(.share)
        guard configuration.share.isCD, let path = configuration.share.directory else {
            throw ClientFailure(.usage, Configuration.ShareSettings.noCD)
        }
        let client = try connectToPID1()
        var folder: SharedFolder
        do throws(Fault) {
            try ShareDirectory.check(configuration, .current())
            folder = try SharedFolder(path)
        } catch {
            throw ClientFailure(error)
        }
        let leftOut = folder.omissions.count
        let cd = try Self.sealed(&folder)
        let isInserted = try ShareRefresh.insert(cd, client)
        show(folder.omissions.prefix(leftOut).map { "left out: \($0)\n" }.joined())
        show(folder.omissions.dropFirst(leftOut).map { "\($0)\n" }.joined())
        show("the guest's CD \(isInserted ? "has" : "will have, once it is started,") \(folder.summary)\n")
        return ClientExit.success.rawValue
    }

    private static func sealed(_ folder: inout SharedFolder) throws(ClientFailure) -> Descriptor {
        do throws(Fault) {
            return try folder.sealed()
        } catch {
            throw ClientFailure(error)
        }
    }
}

extension ShareRefreshCommand {
    init(_ arguments: Arguments) {}
}
