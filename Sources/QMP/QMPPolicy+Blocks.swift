/// What block nodes may be opened and made without `full` (QAPI schema, block-core).
extension QMPPolicy {
    /// Why the options of a node need `full`; nil when they do not.
    ///
    /// - Parameter isNew: of an image to make, not of a node to open.
    func blockNodeObjection(_ node: JSONValue?, isNew: Bool) -> String? {
        guard let node, let members = node.members else { return "its options are no object" }
        guard let driver = node["driver"]?.name, QMPPolicyTable.blockDrivers.contains(driver) else {
            return "its driver is not one of \(QMPPolicyTable.blockDrivers.sorted().joined(separator: ", "))"
        }
        let harmless = isNew ? QMPPolicyTable.newImageMembers : QMPPolicyTable.blockNodeMembers
        for member in members {
            let name = member.name.asName ?? ""
            let objection: String? =
                switch name {
                case "filename": fileObjection(member.value)
                // A string is the name of a node that is there already.
                case "file": member.value.string == nil ? blockNodeObjection(member.value, isNew: false) : nil
                case "backing" where !isNew:
                    member.value.content == .null ? nil : blockNodeObjection(member.value, isNew: false)
                case _ where harmless.contains(name): nil
                default: "with \(String(visible: member.name, limit: 64))"
                }
            if let objection { return objection }
        }
        // Else QEMU opens whatever file or address the image itself names.
        if driver == "qcow2", !isNew, node["backing"] == nil { return "a qcow2 without \"backing\": null" }
        return nil
    }

    private func fileObjection(_ value: JSONValue) -> String? {
        isDiskPath(value.string ?? []) ? nil : "its file is not below a disk's directory"
    }
}
