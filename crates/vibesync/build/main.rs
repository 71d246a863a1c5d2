//! Tells the compiler which commit the program is built from; see `commit.rs`.

mod commit;

use std::path::Path;

use commit::Described;

/// The parts of the repository that the program is made of, relative to its root. `testkit` is none of them.
const SOURCES: [&str; 18] = [
    "Cargo.lock",
    "Cargo.toml",
    "config",
    "crates/engine/Cargo.toml",
    "crates/engine/src",
    "crates/graph/Cargo.toml",
    "crates/graph/catalogues",
    "crates/graph/src",
    "crates/json/Cargo.toml",
    "crates/json/src",
    "crates/protocol/Cargo.toml",
    "crates/protocol/src",
    "crates/scene/Cargo.toml",
    "crates/scene/src",
    "crates/store/Cargo.toml",
    "crates/store/src",
    "crates/vibesync/Cargo.toml",
    "crates/vibesync/src",
];

#[allow(
    clippy::print_stdout,
    reason = "cargo reads what a build script prints"
)]
fn main() {
    let given = |name: &str| {
        println!("cargo::rerun-if-env-changed={name}");
        std::env::var(name).ok().filter(|value| !value.is_empty())
    };
    let Described { text, watched } =
        match (given("VIBESYNC_COMMIT"), given("VIBESYNC_COMMIT_DATE")) {
            (Some(commit), Some(date)) => Described {
                text: format!("{commit} {date}"),
                watched: Vec::new(),
            },
            (Some(commit), None) => Described {
                text: commit,
                watched: Vec::new(),
            },
            (None, _) => {
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
                commit::describe(&root, &SOURCES)
            }
        };
    println!("cargo::rustc-env=VIBESYNC_BUILT_FROM={text}");
    // Without a line of this kind, each change of any file of the package would run this script again.
    println!("cargo::rerun-if-changed=build");
    for path in watched {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}
