//! As many changes as the daemon makes durable in a second.

use std::error::Error;
use std::time::Instant;

use uuid::Uuid;
use vibesync_testkit::EditorSession;

use crate::report::Report;
use crate::scene::{self, OBJECTS};

/// Intents, each of a thousand changes, sent without waiting for the answers.
const INTENTS: u32 = 20;

/// From the first byte sent to the last acknowledgment received.
pub fn measure(
    a: &mut EditorSession,
    uuids: &[Uuid],
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    let mut sent = Vec::new();
    for i in 1..=INTENTS {
        let x = -f64::from(i);
        sent.push(a.edit(uuids.iter().map(|uuid| scene::moved(*uuid, x)).collect())?);
    }
    for sent in sent {
        scene::acknowledged(a, sent)?;
    }
    let changes = f64::from(INTENTS) * OBJECTS as f64;
    let rate = changes / begin.elapsed().as_secs_f64();
    report.value("throughput_durable", rate, "changes/s");
    Ok(())
}
