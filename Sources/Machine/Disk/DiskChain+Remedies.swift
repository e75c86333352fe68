import Basics
import Linux

// What is advised when an image names a file that it may not, or that is not there. Every command of these is run by a test.
extension DiskChain {
    /// What makes the image name a file where that is now, which costs nothing.
    func moved(_ role: Role, _ path: String) -> String {
        // Data files have no such command: qemu-img opens the one that is named first.
        guard case .backingFile(let format) = role else { return "" }
        if path == request.path, let base {
            let name = BackingRule.name(of: base.file.name, inImageAt: path)
            return "if it is QEMU_BASE now, say so: \(rebase(path, name, base.format.rawValue)), or "
        }
        return "if it lies elsewhere, list that in ALLOW_BACKING and name it, for BASE_FILE: "
            + "\(rebase(path, "BASE_FILE", format ?? "qcow2")), or "
    }

    /// What makes the image name a file that lies beside it.
    func rename(_ role: Role, _ name: String, _ path: String) -> String {
        guard case .backingFile(let format) = role, let last = name[...].fields(at: "/").last, !last.isEmpty else {
            return ""
        }
        return ", and name it so: \(rebase(path, String(last), format ?? "qcow2"))"
    }

    /// A name that costs nothing to change is changed; else the owner may allow the file, or have all in one.
    func remedy(_ role: Role, _ name: String, _ found: FoundFile, _ path: String) -> String {
        let allow = "set ALLOW_BACKING=\(Configuration.Disk(path: found.path).text)"
        guard let directory = try? FoundFile(directoryName(path)).path, isBelow(directory, found.path),
            directory != "/",
            BackingRule.doubt(of: name) != nil
        else { return "if you trust it: \(allow), or make it one file: \(convert(path))" }
        let start = found.path.utf8.index(found.path.startIndex, offsetBy: directory.utf8.count + 1)
        let relative = String(found.path[start...])
        switch role {
        case .backingFile(let format):
            return "name it relatively: \(rebase(path, relative, format ?? "qcow2")), or \(allow)"
        case .dataFile:
            let option = shellQuoted("data_file=" + relative.replacing(every: ",", by: ",,"))
            return "name it relatively: qemu-img amend -o \(option) \(shellQuoted(path)), or \(allow)"
        }
    }

    func convertTrusted(_ path: String) -> String { "if you trust it, make it one file: \(convert(path))" }

    func convert(_ path: String) -> String {
        "qemu-img convert -O qcow2 \(shellQuoted(path)) \(shellQuoted(path + ".new"))"
    }

    /// With what qemu-img has to be told about the image.
    func convert(_ path: String, _ options: String, secret: String? = nil) -> String {
        let source = "driver=qcow2,file.filename=\(path.replacing(every: ",", by: ",,")),\(options)"
        let object = secret.map { "--object \($0) " } ?? ""
        return "qemu-img convert \(object)--image-opts \(shellQuoted(source)) -O qcow2 \(shellQuoted(path + ".new"))"
    }

    func rebase(_ path: String, _ name: String, _ format: String) -> String {
        "qemu-img rebase -u -b \(shellQuoted(name)) -F \(format) \(shellQuoted(path))"
    }
}
