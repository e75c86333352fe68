import JSON

/// What block nodes may be opened and made without `full` (QAPI schema, block-core).
extension QMPPolicy {
    /// Why the options of a node need `full`; nil when they do not.
    ///
    /// - Parameter isNew: of an image to make, not of a node to open.
    func blockNodeObjection(_ node: JSONValue?, isNew: Bool) -> String? {
        guard let node, let members = node.members else { return "its options are no object" }
        let drivers = isNew ? QMPPolicyTable.newImageDrivers : QMPPolicyTable.blockDrivers
        guard let driver = node["driver"]?.name, drivers.contains(driver) else {
            return "its driver is not one of \(drivers.sorted().joined(separator: ", "))"
        }
        let harmless = isNew ? QMPPolicyTable.newImageMembers : QMPPolicyTable.blockNodeMembers
        for member in members {
            let name = member.name.asName ?? ""
            let objection: String? =
                switch name {
                case "filename": fileObjection(member.value.string ?? [], use(of: node, isNew: isNew))
                // A string is the name of a node that is there already.
                case "file": member.value.string == nil ? blockNodeObjection(member.value, isNew: false) : nil
                case _ where harmless.contains(name): nil
                default: "with \(String(visible: member.name, limit: 64))"
                }
            if let objection { return objection }
        }
        return nil
    }

    private func use(of node: JSONValue, isNew: Bool) -> FileUse {
        if isNew { return .create }
        // By itself: what it takes over from a node above can be changed later.
        return node["read-only"]?.boolean == true ? .read : .write
    }
}
