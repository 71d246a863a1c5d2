//! Sketches as language models write them: each is corrected to the graph that it means, or asked about.
//!
//! `corpus/loose` holds the texts. Beside each stands the graph that it means (`NAME.expected.json`), or the questions
//! with their choices (`NAME.asked.txt`). Both were written by hand, before the corrections.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vibesync_graph::fix::{Fixed, fix_text};
use vibesync_graph::{Diagnostic, Graph, Report, Subject, json};

use crate::support::CATALOGUE;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/loose");

/// Returns the texts in the corpus whose other file has this ending.
fn texts(ending: &str) -> Vec<(PathBuf, PathBuf)> {
    let files = std::fs::read_dir(FOLDER).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let found = paths.iter().filter_map(|path| {
        let stem = name(path).strip_suffix(ending)?.to_owned();
        let text = paths.iter().find(|it| {
            *it != path && [format!("{stem}.mmd"), format!("{stem}.json")].contains(&name(it))
        });
        Some((text.unwrap().clone(), path.clone()))
    });
    found.collect()
}

fn corrected(text: &Path) -> Fixed {
    fix_text(&std::fs::read(text).unwrap(), &CATALOGUE)
}

/// Returns a graph in an order of its own: only the order of links to one input has a meaning.
fn ordered(graph: &Graph) -> Vec<String> {
    let nodes = graph.nodes.iter();
    let nodes = nodes.map(|it| {
        format!(
            "{} {} {:?} {:?} {:?}",
            it.id,
            it.idname,
            it.items
                .iter()
                .flatten()
                .map(|it| (&it.name, &it.idname))
                .collect::<Vec<_>>(),
            it.pair,
            it.label
        )
    });
    let settings = graph.settings.iter().flat_map(|it| {
        let values = it.values.iter();
        values.map(|setting| format!("{}.{} = {}", it.node, setting.key, setting.value.token()))
    });
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for link in &graph.links {
        let to = format!("{}.{}", link.to.node, link.to.socket);
        links
            .entry(to)
            .or_default()
            .push(format!("{}.{}", link.from.node, link.from.socket));
    }
    let links = links
        .iter()
        .map(|(to, from)| format!("{to} <- {}", from.join(", ")));
    let sockets = [("input", &graph.inputs), ("output", &graph.outputs)];
    let sockets = sockets.iter().flat_map(|(side, sockets)| {
        let sockets = sockets.iter().flatten();
        sockets.map(move |it| format!("{side} {} {} {:?}", it.name, it.idname, it.default))
    });
    let frames = graph
        .frames
        .iter()
        .map(|it| format!("frame {} {} {:?}", it.id, it.label, it.nodes));
    let mut lines: Vec<String> = nodes
        .chain(settings)
        .chain(links)
        .chain(sockets)
        .chain(frames)
        .collect();
    lines.sort();
    lines
}

#[test]
fn loose_texts_become_the_graphs_they_mean() {
    let mut wrong = Vec::new();
    let texts = texts(".expected.json");
    for (text, expected) in &texts {
        let Fixed { report, fixes } = corrected(text);
        let expected = json::read(&std::fs::read(expected).unwrap()).unwrap();
        let expected = Report::for_graph(&expected, &CATALOGUE);
        assert!(expected.is_ok(), "{text:?}: {expected}");
        let graph = report.graph_json.as_ref().map(ordered).unwrap_or_default();
        let meant = ordered(expected.graph_json.as_ref().unwrap());
        if !report.is_ok() || graph != meant {
            let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
            let fixes: Vec<String> = fixes.iter().map(ToString::to_string).collect();
            wrong.push(format!(
                "{text:?}\n{errors:#?}\n{fixes:#?}\nmeant {meant:#?}\nfound {graph:#?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        texts.len(),
        wrong.join("\n\n")
    );
    assert!(texts.len() >= 40, "{}", texts.len());
}

/// Returns a question as the corpus writes it: the subject, and the choices.
fn question(error: &Diagnostic) -> String {
    let id = |end: &str| end.split('.').next().unwrap_or_default().to_owned();
    let mut subject = match &error.location.subject {
        Subject::Node(id) => format!("node {id}"),
        Subject::Link(_, text) => {
            let (from, to) = text.split_once(" -> ").unwrap();
            format!("link {} -> {}", id(from), id(to))
        }
        Subject::Graph => "graph".to_owned(),
        other => format!("{other:?}"),
    };
    if let Some(key) = &error.location.key {
        subject.push_str(&format!(", {key}"));
    }
    format!("{} {subject}: {}", error.rule, error.choices.join(" | "))
}

#[test]
fn ambiguous_texts_are_asked_about_with_choices() {
    let texts = texts(".asked.txt");
    for (text, asked) in &texts {
        let report = corrected(text).report;
        let found: Vec<String> = report.errors.iter().map(question).collect();
        let asked = std::fs::read_to_string(asked).unwrap();
        let asked: Vec<String> = asked
            .lines()
            .map(|line| format!("ambiguous {line}"))
            .collect();
        assert_eq!(found, asked, "{text:?}\n{report}");
    }
    assert!(texts.len() >= 10, "{}", texts.len());
}

#[test]
fn corrected_texts_need_no_second_correction() {
    for (text, _) in texts(".expected.json") {
        let report = corrected(&text).report;
        let graph = json::compact(report.graph_json.as_ref().unwrap());
        for again in [report.mermaid_code.as_bytes(), graph.as_bytes()] {
            let Fixed { fixes, report } = fix_text(again, &CATALOGUE);
            assert!(fixes.is_empty(), "{text:?}: {fixes:?}");
            assert_eq!(
                json::compact(report.graph_json.as_ref().unwrap()),
                graph,
                "{text:?}"
            );
        }
    }
}

#[test]
fn valid_sketch_gets_the_type_of_its_links() {
    let sketch = r#"flowchart LR
  p["InputPosition"] --> |Position > A| m["Mix"]
  m --> |Result > Offset| s["SetPosition"]
  g["MeshGrid"] --> |Mesh > Geometry| s
  s --> |Geometry| go["GroupOutput"]
"#;
    let Fixed { report, fixes } = fix_text(sketch.as_bytes(), &CATALOGUE);
    assert!(report.is_ok(), "{report}");
    assert!(
        fixes[0].done.starts_with("data_type is VECTOR"),
        "{fixes:?}"
    );
    // The links of graph_json are complete: a default is meant there.
    let json = json::compact(&vibesync_graph::read(sketch.as_bytes(), &CATALOGUE).unwrap());
    assert!(fix_text(json.as_bytes(), &CATALOGUE).fixes.is_empty());
}
