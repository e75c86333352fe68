/// Options of which only one may be given.
struct Exclusion: Sendable {
    let names: [String]
    let reason: String
}
