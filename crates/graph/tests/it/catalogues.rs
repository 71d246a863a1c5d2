//! Tests of the embedded catalogues, and of invalid ones.

use vibesync_graph::{Catalogue, catalogue};

#[test]
fn embedded_catalogues_are_read() {
    for version in catalogue::VERSIONS {
        let read = catalogue::embedded(version).unwrap().unwrap();
        assert_eq!(read.version(), *version);
        let shared = catalogue::shared(version).unwrap().unwrap();
        assert_eq!(shared.version(), *version);
        assert!(read.nodes.len() > 200, "{}", read.nodes.len());
    }
    assert!(catalogue::embedded("4.55").is_none());
    assert!(catalogue::embedded("").is_none());
    assert!(catalogue::embedded("4.5.15").is_some());
}

#[test]
fn invalid_catalogue_is_refused_with_location() {
    let refused = |nodes: &str, compat: &str, why: &str| {
        let error = Catalogue::read(nodes, compat).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    let nodes = |nodes: &str| {
        format!(r#"{{"format":1,"blender":"9.9.1","field_types":[],"nodes":[{nodes}]}}"#)
    };
    let compat = "from,to\nA,B\n";
    refused("{", compat, "nodes.json: EOF");
    refused(
        r#"{"format":2,"blender":"9.9","field_types":[],"nodes":[]}"#,
        compat,
        "format 2",
    );
    refused(&nodes(""), "A,B\n", "socket_compat.csv:1: the header");
    refused(
        &nodes(""),
        "from,to\nA,B\nA\n",
        "socket_compat.csv:3: not a pair",
    );
    let node = r#"{"identifier":"X","label":"X"}"#;
    refused(
        &nodes(&format!("{node},{node}")),
        compat,
        "X: the type is listed twice",
    );
    let variants = r#"{"identifier":"X","label":"X","variants":{"by":["a"],"sets":[{"when":[["A"]],"inputs":[0],"outputs":[]}]}}"#;
    refused(
        &nodes(variants),
        compat,
        "X: a variant names a socket or property that is not there",
    );
    let zone = r#"{"identifier":"X","label":"X","zone":{"side":"input","partner":"Y"}}"#;
    refused(
        &nodes(zone),
        compat,
        "X: the other type of its zone is missing",
    );
}
