//! Measures loading a catalogue, and checking a graph of a thousand nodes from its text. The peer is the same rules
//! in plain Python.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use vibesync_graph::{Catalogue, Report as Checked, Wiring, catalogue, check, json, rules};

use crate::harness::{Fallible, Harness};
use crate::peer::graphs::Plain;
use crate::report::{Bar, Report, Samples};

const VERSION: &str = "4.5";
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../graph/catalogues/4.5");
/// Nodes in one block of the graph.
const BLOCKS: usize = 100;
const ROUNDS: usize = 50;

const CHECKED: Bar = Bar::AtMost(5.0);
const LOADED: Bar = Bar::AtMost(20.0);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let catalogue = load()?;
    let graph = graph(BLOCKS);
    report.value("nodes", (10 * BLOCKS) as f64, "nodes")?;
    report.value("bytes", graph.len() as f64, "bytes")?;
    agree(folder.path(), &catalogue, &graph)?;

    let mut plain = start(folder.path(), "graph.json", &graph);
    let [mut loaded, mut checked, mut judged, mut peer]: [Samples; 4] = Default::default();
    for _ in 0..ROUNDS {
        loaded.push(timed(load)?.0);
        let (took, found) = timed(|| Ok(check(graph.as_bytes(), &catalogue)))?;
        expect(&found, 0)?;
        checked.push(took);
        let read = json::read(graph.as_bytes()).map_err(|_| "the graph cannot be read")?;
        judged.push(timed(|| Ok(rules::check(&Wiring::new(&read, &catalogue))))?.0);
        if let Ok(plain) = &mut plain {
            peer.push(plain.check()?.0.as_secs_f64() * 1e3);
        }
    }
    report.bound("catalogue_load", loaded.p50(), "ms", LOADED)?;
    report.bound("text_to_report", checked.p50(), "ms", CHECKED)?;
    report.value("text_to_report_p99", checked.p99(), "ms")?;
    report.value("rules_alone", judged.p50(), "ms")?;
    match plain {
        Err(why) => report.fact("text_to_report_to_python", Some(why))?,
        Ok(plain) => {
            let python = plain.loaded.as_secs_f64() * 1e3;
            report.against("catalogue_load_to_python", loaded.p50(), python, "ms", None)?;
            report.against(
                "text_to_report_to_python",
                checked.p50(),
                peer.p50(),
                "ms",
                None,
            )?;
        }
    }
    Ok(())
}

fn load() -> Fallible<Catalogue> {
    Ok(catalogue::embedded(VERSION).ok_or("there is no such catalogue")??)
}

/// Measures a function: milliseconds, and its result.
fn timed<T>(what: impl FnOnce() -> Fallible<T>) -> Fallible<(f64, T)> {
    let begin = Instant::now();
    let made = what()?;
    Ok((begin.elapsed().as_secs_f64() * 1e3, made))
}

fn start(folder: &Path, name: &str, graph: &str) -> Result<Plain, String> {
    let path = folder.join(name);
    vibesync_store::durable::write(&path, graph.as_bytes()).map_err(|error| error.to_string())?;
    Plain::start(Path::new(CATALOGUE), &path)
}

/// Checks that both programs find the same number of broken rules, in the valid graph and in one with three mistakes.
fn agree(folder: &Path, catalogue: &Catalogue, graph: &str) -> Fallible {
    let broken = graph
        .replacen("\"Depth\":", "\"Dept\":", 1)
        .replacen("ShaderNodeCombineXYZ", "ShaderNodeCombineXYY", 1)
        .replacen("\"to_socket\":\"Offset\"", "\"to_socket\":\"Geometry\"", 1);
    for (name, graph) in [("sound.json", graph), ("broken.json", &broken)] {
        let found = check(graph.as_bytes(), catalogue);
        if let Ok(mut plain) = start(folder, name, graph) {
            expect(&found, plain.check()?.1)?;
        }
    }
    Ok(())
}

fn expect(found: &Checked, errors: usize) -> Fallible {
    match found.errors.len() == errors {
        true => Ok(()),
        false => Err(format!(
            "{} errors, not {errors}: {:?}",
            found.errors.len(),
            found.errors.first()
        )
        .into()),
    }
}

/// Makes a graph of blocks of ten nodes. Each block moves and turns the geometry of the one before, and joins a cone
/// to it.
fn graph(blocks: usize) -> String {
    let [mut nodes, mut links, mut settings]: [String; 3] = Default::default();
    let mut before = "gi".to_owned();
    let mut first = "Geometry";
    for n in 0..blocks {
        let id = |name: &str| format!("{name}{n}");
        for (name, idname) in TYPES {
            let _ = write!(nodes, ",{{\"id\":\"{}\",\"type\":\"{idname}\"}}", id(name));
        }
        for (from, output, to, input) in LINKS {
            let (from, to) = (id(from), id(to));
            let _ = write!(
                links,
                ",{{\"from\":\"{from}\",\"from_socket\":\"{output}\",\"to\":\"{to}\",\"to_socket\":\"{input}\"}}"
            );
        }
        let _ = write!(
            links,
            ",{{\"from\":\"{before}\",\"from_socket\":\"{first}\",\"to\":\"set{n}\",\"to_socket\":\"Geometry\"}}"
        );
        for (name, values) in SETTINGS {
            let _ = write!(settings, ",\"{}\":{values}", id(name));
        }
        (before, first) = (id("join"), "Geometry");
    }
    let _ = write!(
        links,
        ",{{\"from\":\"{before}\",\"from_socket\":\"Geometry\",\"to\":\"go\",\"to_socket\":\"Geometry\"}}"
    );
    format!(
        "{{\"nodes\":[{{\"id\":\"gi\",\"type\":\"NodeGroupInput\"}},{{\"id\":\"go\",\"type\":\"NodeGroupOutput\"}}{nodes}],\
         \"links\":[{}],\"node_settings\":{{{}}}}}",
        links.trim_start_matches(','),
        settings.trim_start_matches(',')
    )
}

const TYPES: &[(&str, &str)] = &[
    ("cone", "GeometryNodeMeshCone"),
    ("set", "GeometryNodeSetPosition"),
    ("turn", "GeometryNodeTransform"),
    ("join", "GeometryNodeJoinGeometry"),
    ("noise", "ShaderNodeTexNoise"),
    ("place", "GeometryNodeInputPosition"),
    ("scale", "ShaderNodeVectorMath"),
    ("add", "ShaderNodeMath"),
    ("value", "FunctionNodeInputInt"),
    ("xyz", "ShaderNodeCombineXYZ"),
];

const LINKS: &[(&str, &str, &str, &str)] = &[
    ("place", "Position", "noise", "Vector"),
    ("noise", "Fac", "add", "Value"),
    ("add", "Value", "xyz", "Z"),
    ("xyz", "Vector", "scale", "Vector"),
    ("scale", "Vector", "set", "Offset"),
    ("set", "Geometry", "turn", "Geometry"),
    ("turn", "Geometry", "join", "Geometry"),
    ("cone", "Mesh", "join", "Geometry"),
    ("value", "Integer", "cone", "Vertices"),
];

const SETTINGS: &[(&str, &str)] = &[
    (
        "cone",
        "{\"fill_type\":\"TRIANGLE_FAN\",\"Depth\":1.5,\"Radius Bottom\":0.25}",
    ),
    (
        "turn",
        "{\"Translation\":[0.5,0,1.25],\"Rotation\":[0,0,0.785]}",
    ),
    (
        "noise",
        "{\"noise_dimensions\":\"4D\",\"Scale\":3,\"W\":0.5}",
    ),
    (
        "add",
        "{\"operation\":\"MULTIPLY_ADD\",\"Value_001\":2,\"Value_002\":-1}",
    ),
    ("scale", "{\"operation\":\"SCALE\",\"Scale\":0.1}"),
    ("value", "{\"integer\":12}"),
];
