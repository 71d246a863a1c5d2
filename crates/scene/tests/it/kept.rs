//! Files in the repository that tests generate.

use std::path::{Path, PathBuf};

fn locate(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// Returns the text of a file in the repository; an empty one if there is none.
pub fn read(path: &str) -> String {
    let text = std::fs::read_to_string(locate(path)).unwrap_or_default();
    text.replace("\r\n", "\n")
}

/// Compares a generated file with the one in the repository, or writes it where that was asked for.
pub fn check(path: &str, text: &str, command: &str) {
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        #[expect(clippy::disallowed_methods, reason = "the file is in git")]
        std::fs::write(locate(path), text).unwrap();
    }
    assert!(read(path) == text, "{path} is stale: run {command}");
}
