//! The output of `vibesync log replay`.

use std::io::Write;

use serde_json::{Value, json};
use vibesync_scene::Replay;
use vibesync_store::wal::Tip;

/// The result of comparing the replayed state with a projection.
pub(super) struct Comparison {
    pub name: String,
    pub seq: u64,
    pub agrees: bool,
    /// `agrees` or the difference.
    pub text: String,
}

/// The content of the output.
pub(super) struct Report<'a> {
    pub state: &'a Replay,
    pub tip: Tip,
    /// Hash over all rows.
    pub root: String,
    pub comparisons: &'a [Comparison],
    pub not_compared: &'a [String],
}

impl Report<'_> {
    pub fn json(&self) -> Value {
        let open = self.state.open.values().map(|open| open.operation_id);
        let compared = self.comparisons.iter().map(|found| {
            json!({"with": found.name, "seq": found.seq, "agrees": found.agrees, "text": found.text})
        });
        let live = self.state.scene.live_count();
        json!({
            "seq": self.tip.seq,
            "hash": self.tip.hash.to_string(),
            "entities": live,
            "tombstones": self.state.scene.len() - live,
            "root": self.root,
            "open_operations": open.collect::<Vec<_>>(),
            "compared": compared.collect::<Vec<_>>(),
            "not_compared": self.not_compared,
        })
    }

    pub fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        let live = self.state.scene.live_count();
        let tombstones = self.state.scene.len() - live;
        let (seq, hash, root) = (self.tip.seq, self.tip.hash, &self.root);
        writeln!(out, "replayed up to sequence {seq}, hash {hash}")?;
        writeln!(out, "{live} entities, {tombstones} tombstones, root {root}")?;
        for open in self.state.open.values() {
            let (id, begin) = (open.operation_id, open.begin);
            writeln!(out, "open: operation {id}, since sequence {begin}")?;
        }
        for found in self.comparisons {
            let (name, seq) = (&found.name, found.seq);
            match found.agrees {
                true => writeln!(out, "same as {name} at {seq}")?,
                false => writeln!(out, "DIFFERS from {name} at {seq}: {}", found.text)?,
            }
        }
        for text in self.not_compared {
            writeln!(out, "not compared: {text}")?;
        }
        Ok(())
    }
}
