//! The entities that changes name, as the daemon describes them.

use std::collections::BTreeMap;

use vibesync_protocol::{Describe, DescribedEntity, MAX_DESCRIBED, QueryResult, Question};
use vibesync_scene::{Code, Transform, Uuid};

use crate::daemon::{Daemon, Fault};
use crate::tools::unexpected;

/// Most entities that one call may concern, those below its objects included.
pub(super) const MAX_ENTITIES: usize = 2_000;

/// Most objects above one.
const MAX_ABOVE: usize = 1_000;

/// Entities of the scene.
#[derive(Debug, Default)]
pub(super) struct Known {
    entities: BTreeMap<Uuid, DescribedEntity>,
    /// Newest sequence that an answer included.
    pub seq: u64,
}

impl Known {
    pub fn get(&self, uuid: Uuid) -> Option<&DescribedEntity> {
        self.entities.get(&uuid)
    }

    /// Returns the object above one.
    pub fn parent(&self, uuid: Uuid) -> Option<Uuid> {
        self.get(uuid)?.row.entity.components.parent?.uuid
    }

    pub fn transform(&self, uuid: Uuid) -> Option<Transform> {
        self.get(uuid)?.row.entity.components.transform
    }

    /// Asks for entities that are not known yet. Deleted and missing entities stay unknown.
    pub fn fetch(
        &mut self,
        daemon: &dyn Daemon,
        uuids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), Fault> {
        let mut missing: Vec<Uuid> = uuids.into_iter().collect();
        missing.retain(|uuid| !self.entities.contains_key(uuid));
        missing.sort_unstable();
        missing.dedup();
        for uuids in missing.chunks(MAX_DESCRIBED) {
            let limit = u32::try_from(MAX_DESCRIBED).unwrap_or(u32::MAX);
            let question = Describe {
                uuids: uuids.to_vec(),
                limit,
                ..Describe::default()
            };
            self.ask(daemon, question)?;
        }
        Ok(())
    }

    /// Asks for the objects above these, up to the top.
    pub fn fetch_above(
        &mut self,
        daemon: &dyn Daemon,
        uuids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), Fault> {
        let mut next: Vec<Uuid> = uuids.into_iter().collect();
        for _ in 0..MAX_ABOVE {
            next.retain(|uuid| !self.entities.contains_key(uuid) || self.parent(*uuid).is_some());
            if next.is_empty() {
                break;
            }
            self.fetch(daemon, next.iter().copied())?;
            next = next.iter().filter_map(|uuid| self.parent(*uuid)).collect();
        }
        Ok(())
    }

    /// Asks for an object and all below it. Returns them, each before those below it.
    pub fn fetch_tree(
        &mut self,
        daemon: &dyn Daemon,
        root: Uuid,
        location: &str,
    ) -> Result<Vec<Uuid>, Fault> {
        let mut found = Vec::new();
        let mut skip = Some(0);
        while let Some(at) = skip {
            let question = Describe {
                root: Some(root),
                depth: u32::MAX,
                skip: at,
                limit: u32::try_from(MAX_DESCRIBED).unwrap_or(u32::MAX),
                ..Describe::default()
            };
            let (page, next) = self.ask(daemon, question)?;
            found.extend(page);
            if found.len() > MAX_ENTITIES {
                let message = format!("there are more than {MAX_ENTITIES} objects below it");
                return Err(Fault::new(Code::IntentShape, location, message)
                    .with_help("Change smaller parts of the tree."));
            }
            skip = next;
        }
        Ok(found)
    }

    fn ask(
        &mut self,
        daemon: &dyn Daemon,
        question: Describe,
    ) -> Result<(Vec<Uuid>, Option<u32>), Fault> {
        match daemon.ask(Question::Describe(question))? {
            QueryResult::Describe {
                seq,
                described,
                next,
                ..
            } => {
                self.seq = self.seq.max(seq);
                let uuids = described.iter().map(|it| it.row.entity.uuid).collect();
                let described = described.into_iter().map(|it| (it.row.entity.uuid, it));
                self.entities.extend(described);
                Ok((uuids, next))
            }
            other => Err(unexpected(&other)),
        }
    }
}
