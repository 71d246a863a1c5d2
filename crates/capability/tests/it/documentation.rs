//! The tables of `docs/capabilities.md` are those of the code.

use std::fmt::Write as _;
use std::path::Path;

use vibesync_capability::{Rule, TYPES};

use crate::support::ROOT;

fn rules() -> String {
    let mut text = "| rule | code | meaning |\n|---|---|---|\n".to_owned();
    for rule in Rule::ALL {
        let code = rule.code().map_or("note".to_owned(), |code| {
            format!("[{code}](errors/{code}.md)")
        });
        let _ = writeln!(text, "| `{rule}` | {code} | {} |", rule.title());
    }
    text
}

fn types() -> String {
    let mut text = "| type | value |\n|---|---|\n".to_owned();
    for (word, value) in TYPES {
        let _ = writeln!(text, "| `{word}` | {value} |");
    }
    text
}

#[test]
fn tables_of_the_documentation_are_current() {
    let path = Path::new(ROOT).join("docs/capabilities.md");
    let kept = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    let mut text = kept.clone();
    for (name, table) in [("types", types()), ("rules", rules())] {
        let (begin, end) = (
            format!("<!-- {name}: generated -->\n"),
            format!("<!-- {name}: end -->"),
        );
        let (before, rest) = text.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        text = format!("{before}{begin}\n{table}\n{end}{after}");
    }
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        #[expect(clippy::disallowed_methods, reason = "the file is in git")]
        std::fs::write(&path, &text).unwrap();
    }
    let is_current = kept == text || std::env::var_os("VIBESYNC_BLESS").is_some();
    assert!(
        is_current,
        "run VIBESYNC_BLESS=1 cargo test -p vibesync-capability tables"
    );
}

#[test]
fn example_of_the_documentation_is_accepted() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/capabilities.md")).unwrap();
    let example = text.split("```json\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let accepted = vibesync_capability::read(example.as_bytes()).unwrap();
    assert!(accepted.notes.is_empty(), "{}", accepted.notes);
    for seed in ["example", "types"] {
        let path = Path::new(ROOT).join("fuzz/seeds/manifest").join(seed);
        vibesync_capability::read(&std::fs::read(path).unwrap()).unwrap();
    }
}
