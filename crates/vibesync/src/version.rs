//! The version of the program. On the wire and in the log only the plain version is used.

/// The version, and the commit that the program was built from: `0.1.0 (edf8e2d12345 2026-11-22)`.
///
/// A commit with `-dirty` was built with changes that are in no commit. `unknown` stands for sources without git.
pub const WITH_COMMIT: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("VIBESYNC_BUILT_FROM"),
    ")"
);
