//! Enforces the layers: each crate depends only on the crates below it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Lists the workspace crates that each workspace crate depends on.
fn edges(dev: bool) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<String> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let wanted = dependencies.filter(|it| (it["kind"] == "dev") == dev);
        wanted
            .map(|it| text(&it["name"]))
            .filter(|name| names.contains(name))
            .collect()
    };
    packages
        .iter()
        .map(|package| (text(&package["name"]), uses(package)))
        .collect()
}

#[cfg_attr(
    windows,
    ignore = "reads the workspace with cargo; the same on each system"
)]
#[test]
fn crates_depend_only_on_lower_layers() {
    let expected = [
        (
            "vibesync",
            &[
                "vibesync-engine",
                "vibesync-gltf",
                "vibesync-graph",
                "vibesync-heap",
                "vibesync-mcp",
                "vibesync-protocol",
                "vibesync-scene",
                "vibesync-store",
                "vibesync-windows",
            ][..],
        ),
        (
            "vibesync-engine",
            &["vibesync-capability", "vibesync-protocol", "vibesync-scene"],
        ),
        ("vibesync-capability", &["vibesync-json", "vibesync-scene"]),
        ("vibesync-gltf", &["vibesync-scene"]),
        ("vibesync-graph", &["vibesync-json"]),
        ("vibesync-heap", &[]),
        ("vibesync-json", &[]),
        (
            "vibesync-mcp",
            &[
                "vibesync-capability",
                "vibesync-graph",
                "vibesync-protocol",
                "vibesync-scene",
            ],
        ),
        ("vibesync-protocol", &["vibesync-scene"]),
        ("vibesync-scene", &[]),
        ("vibesync-store", &["vibesync-scene", "vibesync-windows"]),
        ("vibesync-windows", &[]),
    ];
    let mut found = edges(false);
    found
        .remove("vibesync-testkit")
        .expect("testkit is in the workspace");
    let expected = expected.map(|(name, uses)| {
        (
            name.to_owned(),
            uses.iter().map(|name| (*name).to_owned()).collect(),
        )
    });
    assert_eq!(found, BTreeMap::from(expected));
}

#[cfg_attr(
    windows,
    ignore = "reads the workspace with cargo; the same on each system"
)]
#[test]
fn only_tests_use_the_testkit() {
    let testkit = "vibesync-testkit";
    assert!(edges(false).values().all(|uses| !uses.contains(testkit)));
    let tests_use: BTreeSet<_> = edges(true).into_values().flatten().collect();
    assert!(
        tests_use.is_subset(&BTreeSet::from([testkit.to_owned()])),
        "{tests_use:?}"
    );
}
