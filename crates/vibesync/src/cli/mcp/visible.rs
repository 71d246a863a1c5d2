//! The parts that an agent may be told of the project's files: nothing about entities that people keep from agents.
//!
//! The daemon decides, from the scene as it is now. So a guard hides the past of its object, too.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_mcp::{ChangedEntity, HistoryLine, LogLine};
use vibesync_protocol::MAX_RESULT_ITEMS;
use vibesync_scene::Uuid;

use crate::cli::text::wire_name;
use crate::error::Error;

/// Length of a uuid as text.
const UUID_CHARS: usize = 36;

/// Asks the daemon which of these entities the agent may be told of.
pub(super) type Ask<'a> = &'a dyn Fn(Vec<Uuid>) -> Result<Vec<Uuid>, Error>;

/// The answers of the daemon in one request.
pub(super) struct Visible<'a> {
    ask: Ask<'a>,
    known: BTreeMap<Uuid, bool>,
}

impl<'a> Visible<'a> {
    pub fn new(ask: Ask<'a>) -> Self {
        let known = BTreeMap::new();
        Self { ask, known }
    }

    /// Returns true if the agent may be told of this entity.
    pub fn has(&mut self, uuid: Uuid) -> Result<bool, Error> {
        self.learn(&[uuid])?;
        Ok(self.is_visible(uuid))
    }

    /// Returns a line without the entities that are kept; none if it is about nothing else. A line that is about others,
    /// too, keeps no text: a label or an error could tell of the kept ones.
    pub fn log_line(&mut self, mut line: LogLine) -> Result<Option<LogLine>, Error> {
        let mentioned = uuids_in(&line.text);
        self.learn(&line.uuids)?;
        self.learn(&mentioned)?;
        let tells_more = mentioned.iter().any(|uuid| !self.is_visible(*uuid));
        let is_partial = self.retain(&mut line.uuids);
        if line.uuids.is_empty() && (is_partial || tells_more) {
            return Ok(None);
        }
        if is_partial || tells_more {
            line.text = wire_name(&line.phase);
        }
        Ok(Some(line))
    }

    /// Returns a transaction without the entities that are kept; none if it changed nothing else. A transaction
    /// that changed others, too, keeps no label.
    pub fn history_line(&mut self, mut line: HistoryLine) -> Result<Option<HistoryLine>, Error> {
        self.learn(&line.uuids)?;
        let is_partial = self.retain(&mut line.uuids);
        if is_partial {
            line.label.clear();
        }
        Ok(Some(line).filter(|line| !(is_partial && line.uuids.is_empty())))
    }

    /// Removes the entities that are kept, and the values that name them.
    pub fn entities(&mut self, entities: &mut Vec<ChangedEntity>) -> Result<(), Error> {
        let own = entities.iter().map(|entity| entity.uuid);
        let values = entities.iter().flat_map(|entity| &entity.values);
        let named = values.flat_map(|value| [&value.before, &value.after]);
        let named = named.filter_map(|value| value.as_str()?.parse().ok());
        let all: Vec<Uuid> = own.chain(named).collect();
        self.learn(&all)?;
        entities.retain(|entity| self.is_visible(entity.uuid));
        let names_kept = |value: &serde_json::Value| {
            let uuid = value.as_str().and_then(|text| text.parse().ok());
            uuid.is_some_and(|uuid| !self.is_visible(uuid))
        };
        for entity in entities {
            let values = &mut entity.values;
            values.retain(|value| !names_kept(&value.before) && !names_kept(&value.after));
        }
        Ok(())
    }

    /// Removes the entities that are kept. Returns true if there were any.
    fn retain(&self, uuids: &mut Vec<Uuid>) -> bool {
        let before = uuids.len();
        uuids.retain(|uuid| self.is_visible(*uuid));
        uuids.len() < before
    }

    fn is_visible(&self, uuid: Uuid) -> bool {
        self.known.get(&uuid).copied().unwrap_or(false)
    }

    /// Asks the daemon about entities that it was not asked about.
    fn learn(&mut self, uuids: &[Uuid]) -> Result<(), Error> {
        let unknown = uuids.iter().filter(|uuid| !self.known.contains_key(uuid));
        let unknown: Vec<Uuid> = unknown.copied().collect();
        for part in unknown.chunks(MAX_RESULT_ITEMS) {
            let visible: BTreeSet<Uuid> = (self.ask)(part.to_vec())?.into_iter().collect();
            let known = part.iter().map(|uuid| (*uuid, visible.contains(uuid)));
            self.known.extend(known);
        }
        Ok(())
    }
}

/// Returns the uuids that a text mentions in full.
fn uuids_in(text: &str) -> Vec<Uuid> {
    let is_end = |c: char| !(c.is_ascii_hexdigit() || c == '-');
    let words = text.split(is_end).filter(|word| word.len() == UUID_CHARS);
    words.filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vibesync_mcp::ChangedValue;
    use vibesync_scene::{Phase, Role};

    use super::*;

    const FREE: Uuid = Uuid::from_u128(1);
    const KEPT: Uuid = Uuid::from_u128(2);

    fn ask(uuids: Vec<Uuid>) -> Result<Vec<Uuid>, Error> {
        assert!(uuids.len() <= MAX_RESULT_ITEMS);
        Ok(uuids.into_iter().filter(|uuid| *uuid != KEPT).collect())
    }

    fn line(uuids: &[Uuid], text: &str) -> Option<(Vec<Uuid>, String)> {
        let line = LogLine {
            seq: 1,
            time: String::new(),
            phase: Phase::Begin,
            code: None,
            operation: None,
            uuids: uuids.to_vec(),
            text: text.into(),
        };
        let line = Visible::new(&ask).log_line(line).unwrap();
        line.map(|line| (line.uuids, line.text))
    }

    #[test]
    fn log_line_tells_nothing_of_kept_entities() {
        let free = || Some((vec![FREE], "Move".to_owned()));
        assert_eq!(line(&[FREE], "Move"), free());
        assert_eq!(line(&[KEPT], "Move"), None);
        let bare = || Some((vec![FREE], "BEGIN".to_owned()));
        assert_eq!(line(&[KEPT, FREE], "Move the secret"), bare());
        assert_eq!(line(&[FREE], &format!("against entity:{KEPT}.")), bare());
        assert_eq!(line(&[], &format!("reset entity:{KEPT}")), None);
        let boot = Some((vec![], "the first start".to_owned()));
        assert_eq!(line(&[], "the first start"), boot);
    }

    #[test]
    fn history_line_tells_nothing_of_kept_entities() {
        let line = |uuids: &[Uuid]| {
            let line = HistoryLine {
                seq: 1,
                time: String::new(),
                label: "Move the secret".into(),
                by: Role::Blender,
                agent: None,
                operation: None,
                outcome: "verified".into(),
                code: None,
                uuids: uuids.to_vec(),
            };
            let line = Visible::new(&ask).history_line(line).unwrap();
            line.map(|line| (line.uuids, line.label))
        };
        let label = "Move the secret".to_owned();
        assert_eq!(line(&[FREE]), Some((vec![FREE], label)));
        assert_eq!(line(&[FREE, KEPT]), Some((vec![FREE], String::new())));
        assert_eq!(line(&[KEPT]), None);
    }

    #[test]
    fn difference_tells_nothing_of_kept_entities() {
        let value = |before: Value, after: Value| ChangedValue {
            path: "parent.uuid".into(),
            before,
            after,
        };
        let entity = |uuid, values| ChangedEntity {
            uuid,
            change: "changed".into(),
            kind: "object".into(),
            name: None,
            values,
        };
        let stays = value(json!(FREE), Value::Null);
        let hidden = [
            value(json!(KEPT), Value::Null),
            value(Value::Null, json!(KEPT)),
        ];
        let values = hidden.into_iter().chain([stays.clone()]).collect();
        let mut entities = vec![entity(KEPT, Vec::new()), entity(FREE, values)];
        Visible::new(&ask).entities(&mut entities).unwrap();
        assert_eq!(entities, [entity(FREE, vec![stays])]);
    }

    #[test]
    fn daemon_is_asked_in_parts() {
        let uuids: Vec<Uuid> = (10..5_010).map(Uuid::from_u128).collect();
        let line = line(&uuids, "Move").unwrap();
        assert_eq!(line.0.len(), uuids.len());
    }
}
