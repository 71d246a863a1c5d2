//! Each error code has a documentation page and a row in the protocol's table, and no page or row is left over.

use std::collections::BTreeSet;
use std::path::PathBuf;

use vibesync_scene::Code;

fn docs() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"))
}

fn read(name: &str) -> String {
    let path = docs().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_code_has_a_complete_page() {
    for code in Code::ALL {
        let page = read(&format!("errors/{code}.md"));
        let title = format!("# {code}: {}", code.title());
        assert_eq!(page.lines().next(), Some(title.as_str()));
        let headings = [
            "## Likely causes",
            "## What to do (artist)",
            "## What to look at (engineer)",
        ];
        let sections: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(sections, headings, "{code}");
        let empty = page
            .split("\n#")
            .any(|section| section.trim().lines().count() < 2);
        assert!(!empty, "{code} has an empty section");
    }
}

#[test]
fn each_page_belongs_to_a_code() {
    let names = std::fs::read_dir(docs().join("errors")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<_> = names.filter(|name| name != "README.md").collect();
    let codes: BTreeSet<_> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(pages, codes);
}

#[test]
fn protocol_table_lists_exactly_the_codes() {
    let protocol = read("protocol.md");
    let (_, errors) = protocol.split_once("\n## 6. Errors").unwrap();
    let rows = errors.lines().filter(|line| line.starts_with("| VS-"));
    let rows: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect();
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| (code.to_string(), code.title().to_owned()))
        .collect();
    assert_eq!(rows, codes);
}
