/// Why a command is not carried out; `class` is for programs, `desc` for people.
struct QMPError: Error, Equatable {
    var `class` = "GenericError"
    let desc: String

    static func generic(_ desc: String) -> QMPError {
        QMPError(desc: desc)
    }

    static func notFound(_ desc: String) -> QMPError {
        QMPError(class: "CommandNotFound", desc: desc)
    }
}
