//! One moved object through `vibesync mcp`, beside the same intent over the daemon's own protocol.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vibesync_scene::Role;
use vibesync_testkit::Daemon;

use super::http::HttpServer;
use super::raw::RawAgent;
use super::server::Server;
use crate::harness::{Fallible, Harness, Receiving, join};
use crate::limits::PipeEcho;
use crate::report::{Bar, Report, Samples};
use crate::scene;

const OBJECTS: usize = 1_000;
const SAMPLES: u32 = 150;

/// Time before each sample, in which the projections follow the one before.
const SPACING: Duration = Duration::from_millis(25);

const SETTINGS: &str = "[agents]\nmode = \"work\"\n";

const BAR_STDIO: Bar = Bar::AtMost(1.5);
const BAR_HTTP: Bar = Bar::AtMost(2.5);

/// Times of the limit, its parts, and both ways of a call.
#[derive(Default)]
struct Taken {
    pipe: Samples,
    raw: Samples,
    stdio: Samples,
    http: Samples,
}

/// The agents: one for each way.
struct Agents {
    pipe: PipeEcho,
    raw: RawAgent,
    stdio: Server,
    http: HttpServer,
}

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), SETTINGS)?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let editors = [a, b].map(Receiving::start);
    let mut agents = Agents::start(harness, &daemon, folder.path())?;
    let taken = agents.measure(&uuids)?;
    drop((agents, daemon));
    let limit = taken.pipe.p50() + taken.raw.p50();
    report.samples("pipe_round_trip", &taken.pipe, "µs")?;
    report.samples("intent_to_ack", &taken.raw, "µs")?;
    for (name, samples, bar) in [
        ("scene_change_stdio", &taken.stdio, BAR_STDIO),
        ("scene_change_http", &taken.http, BAR_HTTP),
    ] {
        report.against(
            &format!("{name}_p50"),
            samples.p50(),
            limit,
            "µs",
            Some(bar),
        )?;
        report.value(&format!("{name}_p99"), samples.p99(), "µs")?;
    }
    editors.into_iter().try_for_each(Receiving::end)
}

impl Agents {
    fn start(harness: &Harness, daemon: &Daemon, folder: &Path) -> Fallible<Self> {
        Ok(Self {
            pipe: PipeEcho::start()?,
            raw: RawAgent::join(daemon)?,
            stdio: Server::start(harness, folder)?,
            http: HttpServer::start(harness, folder)?,
        })
    }

    /// Takes all samples in turn. Each way moves objects of its own, since an agent may not overwrite another one.
    fn measure(&mut self, uuids: &[Uuid]) -> Fallible<Taken> {
        let mut taken = Taken::default();
        let mut objects = uuids.chunks_exact(3).cycle();
        for x in 1..=SAMPLES {
            let Some([first, second, third]) = objects.next() else {
                return Err("there are no objects".into());
            };
            let x = f64::from(x);
            self.wake(&mut taken, *first, x)?;
            let moved = vec![scene::moved(*first, x)];
            taken.raw.push_us(self.raw.change(moved)?);
            self.wake(&mut taken, *second, x)?;
            let (took, answer) = self
                .stdio
                .call("scene_change", &self.arguments(*second, x))?;
            taken.stdio.push_us(acknowledged(took, &answer)?);
            self.wake(&mut taken, *third, x)?;
            let (took, answer) = self.http.call("scene_change", &self.arguments(*third, x))?;
            taken.http.push_us(acknowledged(took, &answer)?);
        }
        Ok(taken)
    }

    /// Waits a while, and sends the bytes of a call through the pipes of an echo. So each way finds the processor in the
    /// same state.
    fn wake(&mut self, taken: &mut Taken, uuid: Uuid, x: f64) -> Fallible {
        std::thread::sleep(SPACING);
        let arguments = self.arguments(uuid, x);
        let bytes = format!("{{\"name\":\"scene_change\",\"arguments\":{arguments}}}");
        taken.pipe.push_us(self.pipe.round_trip(bytes.as_bytes())?);
        Ok(())
    }

    /// Makes the arguments of a call that returns once the change is acknowledged.
    fn arguments(&self, uuid: Uuid, x: f64) -> Value {
        let change = json!({"op": "update", "uuid": uuid, "translation": [x, 0.123_456_789, -1.5]});
        json!({"changes": [change], "base_seq": self.raw.base_seq, "wait_ms": 0})
    }
}

/// Checks that the answer is that of an acknowledged change: it has the sequence of its transaction.
fn acknowledged(took: Duration, answer: &Value) -> Fallible<Duration> {
    let state = answer.get("state").and_then(Value::as_str);
    let is_kept = matches!(state, Some("pending" | "owed" | "verified"));
    match is_kept && answer.get("seq").is_some_and(Value::is_u64) {
        true => Ok(took),
        false => Err(format!("no acknowledgment: {answer}").into()),
    }
}
