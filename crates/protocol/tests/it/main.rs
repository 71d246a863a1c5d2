//! Compares what the protocol crate generates with the files in git.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "tests fail by panicking"
)]

mod golden;
mod messages;
mod patches;
mod pick_project;

use std::path::PathBuf;

use serde_json::Value;

/// Compares with a file in git, or rewrites the file if `VIBESYNC_BLESS` is set.
fn check_kept(path: &str, value: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        #[expect(
            clippy::disallowed_methods,
            reason = "a file in git, not a user's data"
        )]
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        kept == text,
        "{} is stale: run VIBESYNC_BLESS=1 cargo test -p vibesync-protocol",
        path.display()
    );
}

#[test]
fn schema_is_not_stale() {
    check_kept(
        "docs/schema/protocol.schema.json",
        &vibesync_protocol::schema(),
    );
}
