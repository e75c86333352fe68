/// Drover's version (semver.org).
let droverVersion = "0.1.0"
