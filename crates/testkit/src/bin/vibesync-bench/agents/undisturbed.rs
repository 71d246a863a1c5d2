//! An editor's changes until their acknowledgment, while agents search and while they flood the daemon, beside the same
//! changes without them.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use vibesync_protocol::{ClientMessage, DaemonMessage, Describe, Query, Question, Search};
use vibesync_scene::{Change, OperationId};
use vibesync_testkit::EditorSession;

use super::LargeScene;
use super::flood::{Call, Flood, Size};
use super::questions::texts;
use super::raw::RawAgent;
use crate::harness::Fallible;
use crate::report::{Bar, Report, Samples};
use crate::scene;

const ROUNDS: usize = 12;
const SAMPLES: usize = 30;

/// Time between two changes of the editor.
const SPACING: Duration = Duration::from_millis(7);

const SEARCHES: Size = Size {
    clients: 1,
    threads: 1,
    rate: 100,
};

const HOSTILE: Size = Size {
    clients: 100,
    threads: 4,
    rate: 1_000,
};

const BAR_SEARCHES: Bar = Bar::AtMost(1.05);
const BAR_HOSTILE: Bar = Bar::AtMost(1.2);

pub fn run(scene: &mut LargeScene, report: &mut Report) -> Fallible {
    let objects = scene.held.clone();
    // No move repeats another one: it would change nothing.
    let moved = (1..).zip(objects.iter().cycle());
    let mut moves = moved.map(|(x, uuid): (u32, _)| scene::moved(*uuid, f64::from(x)));
    let call = searches(objects.first().copied().unwrap_or_default());
    let taken = in_turn(scene, SEARCHES, &call, &mut moves)?;
    taken.report("searches", BAR_SEARCHES, report)?;
    let taken = in_turn(scene, HOSTILE, &hostile(objects.clone()), &mut moves)?;
    taken.report("hostile_agents", BAR_HOSTILE, report)
}

/// An editor's times without and with the calls of agents.
#[derive(Default)]
struct Taken {
    without: Samples,
    with: Samples,
    /// Calls a second.
    rate: Samples,
}

impl Taken {
    fn report(&self, load: &str, bar: Bar, report: &mut Report) -> Fallible {
        let (with, without) = (&self.with, &self.without);
        report.value(&format!("{load}_answered"), self.rate.p50(), "1/s")?;
        let name = |percentile| format!("change_to_ack_beside_{load}_{percentile}");
        report.against(&name("p50"), with.p50(), without.p50(), "µs", Some(bar))?;
        report.against(&name("p99"), with.p99(), without.p99(), "µs", None)?;
        Ok(())
    }
}

fn in_turn(
    scene: &mut LargeScene,
    size: Size,
    call: &Call,
    moves: &mut impl Iterator<Item = Change>,
) -> Fallible<Taken> {
    let LargeScene { daemon, a, .. } = scene;
    let mut taken = Taken::default();
    for _ in 0..ROUNDS {
        edit(a, moves, &mut taken.without)?;
        let flood = Flood::start(daemon, size, call)?;
        edit(a, moves, &mut taken.with)?;
        taken.rate.push(flood.end()?);
    }
    Ok(taken)
}

/// Makes moves, one after the other.
fn edit(
    a: &mut EditorSession,
    moves: &mut impl Iterator<Item = Change>,
    samples: &mut Samples,
) -> Fallible {
    // Connections that begin or end are no part of the measurement.
    a.linger(10 * SPACING)?;
    for change in moves.take(SAMPLES) {
        a.linger(SPACING)?;
        let sent = a.edit(vec![change])?;
        let acked = scene::acknowledged(a, sent)?;
        samples.push_us(acked.duration_since(sent.at));
    }
    Ok(())
}

/// Searches for texts that are in few names, in many and in none.
fn searches(uuid: Uuid) -> Call {
    let texts = texts(uuid).map(|(_, text, _)| text);
    Arc::new(move |agent, n| {
        let text = texts.get(n % 3).cloned();
        agent.ask(search(text)).map(drop)
    })
}

/// Makes calls of four kinds: searches, descriptions, status, and intents that are refused because they are stale.
fn hostile(objects: Vec<Uuid>) -> Call {
    let first = objects.first().copied().unwrap_or_default();
    Arc::new(move |agent, n| match n % 4 {
        0 => agent.ask(search(Some(first.to_string()))).map(drop),
        1 => agent.ask(describe(&objects)).map(drop),
        2 => status(agent),
        _ => refused(agent, first),
    })
}

fn search(text: Option<String>) -> Question {
    Question::Search(Search {
        text,
        limit: 50,
        ..Search::default()
    })
}

fn describe(objects: &[Uuid]) -> Question {
    Question::Describe(Describe {
        uuids: objects.iter().copied().take(50).collect(),
        limit: 50,
        ..Describe::default()
    })
}

fn status(agent: &mut RawAgent) -> Fallible {
    let id = Uuid::now_v7();
    let message = ClientMessage::Query {
        request_id: id,
        what: Query::Status,
        after: None,
        limit: None,
    };
    let answered = agent.exchange(&message, |message| match message {
        DaemonMessage::Result { request_id, .. } if request_id == id => Some(()),
        _ => None,
    });
    answered.map(drop)
}

/// Sends an intent that knows nothing of the scene.
fn refused(agent: &mut RawAgent, uuid: Uuid) -> Fallible {
    let id = OperationId(Uuid::now_v7());
    let intent = agent.intent(id, vec![scene::moved(uuid, -1.0)]);
    let answered = agent.exchange(&ClientMessage::Intent(intent), |message| match message {
        DaemonMessage::Ack {
            operation_id,
            error,
            ..
        } if operation_id == id => Some(error),
        _ => None,
    })?;
    match answered.1 {
        Some(_) => Ok(()),
        None => Err("a stale intent was accepted".into()),
    }
}
