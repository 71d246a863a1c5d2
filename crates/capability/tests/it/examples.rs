//! The example add-ons of `addons/examples`.

use std::path::Path;

use vibesync_capability::read;

use crate::support::ROOT;

#[test]
fn each_example_is_accepted_without_notes() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("addons/examples")).unwrap() {
        let folder = entry.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let bytes = std::fs::read(folder.path().join("addon_ai.json")).unwrap();
        let accepted = match read(&bytes) {
            Ok(accepted) => accepted,
            Err(refused) => panic!("{name}: {}", refused.errors),
        };
        assert!(accepted.notes.list.is_empty(), "{name}: {}", accepted.notes);
        names.push(name);
    }
    names.sort();
    let expected = [
        "animator",
        "mesh_optimizer",
        "random_mesh_generator",
        "renderer",
        "template",
    ];
    assert_eq!(names, expected);
}
