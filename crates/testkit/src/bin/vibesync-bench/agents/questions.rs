//! Searches and descriptions in a large scene, and the memory of the copy that answers them.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vibesync_testkit::EditorSession;

use super::server::Server;
use super::{ENTITIES, LargeScene};
use crate::harness::{Fallible, Harness};
use crate::process;
use crate::report::{Bar, Report, Samples};

const ROUNDS: usize = 50;

/// Entities in one description, the most that a call may name.
const DESCRIBED: usize = 50;

/// Pause between two calls, in which editor A answers the daemon.
const PAUSE: Duration = Duration::from_millis(1);

const SETTLING: Duration = Duration::from_secs(20);

const SEARCHED: Bar = Bar::AtMost(3.0);
const DESCRIPTION: Bar = Bar::AtMost(2.0);
const MEMORY: Bar = Bar::AtMost(60.0);

/// A text, and the number of names that contain it.
pub type Text = (&'static str, String, fn(u64) -> bool);

/// Returns texts that are in the names of none, one, a sixteenth and all of the entities.
pub fn texts(uuid: Uuid) -> [Text; 4] {
    [
        ("none", "granite".into(), |total| total == 0),
        ("one", uuid.to_string(), |total| total == 1),
        ("a_sixteenth", "object 0".into(), |total| {
            total.abs_diff(ENTITIES / 16) < ENTITIES / 100
        }),
        ("all", "object".into(), |total| total == ENTITIES),
    ]
}

pub fn run(harness: &Harness, scene: &mut LargeScene, report: &mut Report) -> Fallible {
    let pid = scene.daemon.pid();
    process::settle(&mut scene.a, pid, SETTLING)?;
    let mut server = Server::start(harness, scene.folder.path())?;
    let before = process::resident(pid);
    let first = scene.held.first().copied().unwrap_or_default();
    let (took, _) = server.call("scene_search", &json!({"text": "granite"}))?;
    report.value("first_search", took.as_secs_f64() * 1e3, "ms")?;
    for (hits, text, is_right) in texts(first) {
        let name = format!("search_hits_{hits}_p50");
        let took = search(&mut server, &mut scene.a, &text, is_right)?;
        report.bound(&name, took.p50(), "ms", SEARCHED)?;
    }
    let took = describe(&mut server, scene)?;
    report.bound("describe_50_p50", took.p50(), "ms", DESCRIPTION)?;
    let more = process::resident(pid).zip(before);
    let more = more.map_or(f64::NAN, |(after, before)| after - before);
    Ok(report.bound("memory_of_the_view", more, "MB", MEMORY)?)
}

fn search(
    server: &mut Server,
    a: &mut EditorSession,
    text: &str,
    is_right: fn(u64) -> bool,
) -> Fallible<Samples> {
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        a.linger(PAUSE)?;
        let (took, answer) = server.call("scene_search", &json!({"text": text}))?;
        let total = answer.get("total").and_then(Value::as_u64);
        if !total.is_some_and(is_right) {
            return Err(format!("{text:?} is in {total:?} names").into());
        }
        samples.push(took.as_secs_f64() * 1e3);
    }
    Ok(samples)
}

fn describe(server: &mut Server, scene: &mut LargeScene) -> Fallible<Samples> {
    let mut samples = Samples::default();
    let objects = scene.held.chunks_exact(DESCRIBED).cycle();
    for some in objects.take(ROUNDS) {
        scene.a.linger(PAUSE)?;
        let (took, answer) = server.call("scene_describe", &json!({"uuids": some}))?;
        let total = answer.get("total").and_then(Value::as_u64);
        if total != Some(DESCRIBED as u64) {
            return Err(format!("{total:?} are described").into());
        }
        samples.push(took.as_secs_f64() * 1e3);
    }
    Ok(samples)
}
