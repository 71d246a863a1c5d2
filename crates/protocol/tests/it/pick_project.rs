//! Golden vectors for the choice of a project.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vibesync_protocol::discovery::{Os, pick_project};

use crate::check_kept;

struct Case {
    name: &'static str,
    os: Os,
    /// The id that the file stores, and its path.
    open: (Option<&'static str>, Option<&'static str>),
    roots: &'static [&'static str],
    /// Paths that symbolic links change.
    links: &'static [(&'static str, &'static str)],
}

fn case(
    name: &'static str,
    os: Os,
    roots: &'static [&'static str],
    file: Option<&'static str>,
) -> Case {
    Case {
        name,
        os,
        open: (None, file),
        roots,
        links: &[],
    }
}

/// The id of the n-th announced project.
fn id(index: usize) -> String {
    format!("01920000-0000-7000-8000-{:012}", index + 1)
}

#[test]
fn choice_of_the_project_matches_the_golden_vectors() {
    let groups = [by_id(), by_folder(), by_spelling(), by_link(), on_windows()];
    let value: Vec<Value> = groups.iter().flatten().map(vector).collect();
    check_kept("tests/golden/pick-project.json", &json!(value));
}

fn vector(case: &Case) -> Value {
    let (os, name) = (case.os, case.name);
    let ids: Vec<_> = (0..case.roots.len()).map(id).collect();
    let announced: Vec<_> = ids
        .iter()
        .map(String::as_str)
        .zip(case.roots.iter().copied())
        .collect();
    let links: BTreeMap<_, _> = case.links.iter().copied().collect();
    let (stored, file) = case.open;
    let resolve = |path: &str| links.get(path).copied().unwrap_or(path).to_owned();
    let picked = pick_project(os, &announced, stored, file, resolve);
    let os = match os {
        Os::Unix => "unix",
        Os::MacOs => "macos",
        Os::Windows => "windows",
    };
    let announced: Vec<_> = announced
        .iter()
        .map(|(id, root)| json!({"project_id": id, "project_root": root}))
        .collect();
    json!({
        "name": name, "os": os, "announced": announced, "id": stored, "file": file, "links": links,
        "picked": picked.map(id),
    })
}

fn by_id() -> Vec<Case> {
    let roots = &["/home/ada/robot", "/home/ada/crane"];
    let with = |name, stored, file| Case {
        open: (Some(stored), file),
        ..case(name, Os::Unix, roots, None)
    };
    let [first, second] = [
        "01920000-0000-7000-8000-000000000001",
        "01920000-0000-7000-8000-000000000002",
    ];
    vec![
        with("the stored id", second, None),
        with(
            "the id of another project, copied with the file",
            first,
            Some("/home/ada/crane/a.blend"),
        ),
        with(
            "an id that is not announced, in the folder of another project",
            "01920000-0000-7000-8000-0000000000ff",
            Some("/home/ada/crane/a.blend"),
        ),
        with("no id", "", Some("/home/ada/crane/a.blend")),
    ]
}

fn by_folder() -> Vec<Case> {
    let one: &[&str] = &["/home/ada/robot"];
    let nested: &[&str] = &["/home/ada", "/home/ada/robot", "/home/ada/robot/unity/old"];
    let unix = |name, roots, file| case(name, Os::Unix, roots, file);
    vec![
        unix("nothing is announced", &[], Some("/home/ada/a.blend")),
        unix("a file that is not saved, and one project", one, None),
        unix("a foreign file, and one project", one, Some("/tmp/a.blend")),
        unix(
            "a file in the folder",
            one,
            Some("/home/ada/robot/scenes/a.blend"),
        ),
        unix("the folder itself", one, Some("/home/ada/robot")),
        unix(
            "a folder whose name only begins so",
            one,
            Some("/home/ada/robots/a.blend"),
        ),
        unix(
            "the nearest of nested folders",
            nested,
            Some("/home/ada/robot/unity/Assets/a.unity"),
        ),
        unix(
            "the outer of nested folders",
            nested,
            Some("/home/ada/crane/a.blend"),
        ),
        unix(
            "the first of two with one folder",
            &["/p", "/p"],
            Some("/p/a.blend"),
        ),
        unix("case counts", one, Some("/home/ada/Robot/a.blend")),
        case(
            "case counts on macOS",
            Os::MacOs,
            &["/Users/ada/robot"],
            Some("/Users/ada/Robot/a.blend"),
        ),
    ]
}

fn by_spelling() -> Vec<Case> {
    let one: &[&str] = &["/home/ada/robot"];
    let unix = |name, roots, file| case(name, Os::Unix, roots, file);
    vec![
        unix(
            "doubled and trailing separators",
            &["/home//ada/robot/"],
            Some("//home/ada/./robot//a.blend"),
        ),
        unix(
            "a way up is not followed",
            one,
            Some("/home/ada/robot/../a.blend"),
        ),
        unix("a relative file", one, Some("a.blend")),
        unix("a root that is empty", &[""], Some("/a.blend")),
        unix("the whole disk", &["/"], Some("/a.blend")),
        unix(
            "spaces and other letters",
            &["/home/ada/Übung 1"],
            Some("/home/ada/Übung 1/a.blend"),
        ),
        unix(
            "a backslash is a letter here",
            &["/home/ada"],
            Some("/home/ada\\robot/a.blend"),
        ),
    ]
}

fn by_link() -> Vec<Case> {
    let with = |name, roots, file, links| Case {
        links,
        ..case(name, Os::Unix, roots, Some(file))
    };
    vec![
        with(
            "a link to the folder",
            &["/data/robot"],
            "/home/ada/link/a.blend",
            &[("/home/ada/link/a.blend", "/data/robot/a.blend")],
        ),
        with(
            "a root that is a link",
            &["/home/ada/link"],
            "/data/robot/a.blend",
            &[("/home/ada/link", "/data/robot")],
        ),
        with(
            "a link out of the folder stays in it",
            &["/home/ada/robot"],
            "/home/ada/robot/big/a.blend",
            &[("/home/ada/robot/big/a.blend", "/mnt/big/a.blend")],
        ),
        with(
            "a link from one project to another",
            &["/home/ada/robot", "/home/ada/crane"],
            "/home/ada/robot/shared/a.blend",
            &[("/home/ada/robot/shared/a.blend", "/home/ada/crane/a.blend")],
        ),
    ]
}

fn on_windows() -> Vec<Case> {
    let drive: &[&str] = &[r"C:\Work\Robot", r"D:\Crane"];
    let share: &[&str] = &[r"\\Server\Art\Robot"];
    let windows = |name, roots, file| case(name, Os::Windows, roots, Some(file));
    vec![
        windows(
            "either separator",
            drive,
            "C:/Work/Robot/Unity/Assets/a.unity",
        ),
        windows("any case", drive, r"c:\work\ROBOT\a.blend"),
        windows("another drive", drive, r"D:\Work\Robot\a.blend"),
        windows(
            "a trailing separator",
            &[r"C:\Work\Robot\"],
            r"C:\Work\Robot\a.blend",
        ),
        windows("a whole drive", &["C:\\"], r"c:\a.blend"),
        windows("a long path", drive, r"\\?\C:\Work\Robot\a.blend"),
        windows(
            "a long root",
            &[r"\\?\C:\Work\Robot"],
            r"C:\Work\Robot\a.blend",
        ),
        windows("a share", share, r"\\server\art\robot\a.blend"),
        windows("a share with slashes", share, "//server/art/Robot/a.blend"),
        windows("a long share", share, r"\\?\UNC\server\art\robot\a.blend"),
        windows("another share", share, r"\\server\other\Robot\a.blend"),
        windows("a share is no drive", &[r"C:\Robot"], r"\\C\Robot\a.blend"),
        windows("letters beyond ASCII", &[r"C:\Übung"], r"C:\übung\a.blend"),
        windows("a path relative to a drive", drive, r"C:Work\Robot\a.blend"),
        windows("a path without a drive", &[r"\Work"], r"\Work\a.blend"),
        windows(
            "a path of another system",
            &["/home/ada"],
            "/home/ada/a.blend",
        ),
    ]
}
