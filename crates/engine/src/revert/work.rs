//! The work of an agent, from the log: the writes of the entities that it touched, each with what it overwrote.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{LeftOut, RevertRequest};
use vibesync_scene::{
    AgentName, BlobId, Change, Code, ComponentSet, Components, Entity, Invalid, OperationId,
    Payload, Phase, RecordBody, Role, Uuid,
};

/// Most writes in the work that one request takes back.
const MAX_WRITES: usize = 500_000;

/// A request to take back an agent's work, and the work.
#[derive(Debug)]
pub struct Revert {
    /// The client's request.
    pub request: RevertRequest,
    /// The content of the log.
    pub work: AgentWork,
}

/// The part of the log that a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The agent.
    pub agent: AgentName,
    /// Its operations; all of the range for none.
    pub operations: BTreeSet<OperationId>,
    /// The first record of the range.
    pub first: u64,
    /// The last record of the range.
    pub last: u64,
}

/// The writes of the entities that the selected operations touched.
#[derive(Debug)]
pub struct AgentWork {
    pub(crate) selection: Selection,
    pub(crate) entities: BTreeMap<Uuid, EntityWork>,
    /// Authors of the transactions, by the sequence of their BEGIN.
    writers: BTreeMap<u64, Writer>,
    /// Sequences of the records that rolled a transaction back.
    rollbacks: BTreeSet<u64>,
    /// The transaction whose steps follow.
    current: Option<(u64, bool)>,
    /// The entities above that open transactions wrote.
    open: BTreeMap<u64, Vec<Uuid>>,
    writes: usize,
}

/// The client that made a transaction.
#[derive(Clone, Debug)]
struct Writer {
    role: Role,
    agent: Option<AgentName>,
}

/// The writes of one entity, oldest first; the first one is selected.
#[derive(Debug, Default)]
pub(crate) struct EntityWork(Vec<Write>);

#[derive(Debug)]
pub(crate) struct Write {
    pub begin: u64,
    pub is_selected: bool,
    pub op: Op,
    /// The components that it wrote. A deletion leaves them as they were.
    components: ComponentSet,
    /// The entity that it overwrote; only of selected writes.
    before: Option<Entity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    Update,
    Delete,
}

impl AgentWork {
    /// The work of a part of the log whose records follow.
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            entities: BTreeMap::new(),
            writers: BTreeMap::new(),
            rollbacks: BTreeSet::new(),
            current: None,
            open: BTreeMap::new(),
            writes: 0,
        }
    }

    /// Takes the next record of the range. Fails if the range has too many writes.
    pub fn record(&mut self, seq: u64, record: &RecordBody) -> Result<(), Invalid> {
        match &record.payload {
            Payload::Begin { origin, agent, .. } => {
                // The changes of an add-on that the agent called come from an editor.
                let is_own = agent.as_ref() == Some(&self.selection.agent)
                    && self.is_meant(record.operation_id);
                self.current = Some((seq, is_own));
                let writer = Writer {
                    role: *origin,
                    agent: agent.clone(),
                };
                self.writers.insert(seq, writer);
            }
            Payload::Step { change, before, .. } => self.step(change, before.as_ref())?,
            Payload::End { begin, .. } => {
                let touched = self.open.remove(begin).unwrap_or_default();
                if record.phase == Phase::Rollback {
                    self.rollbacks.insert(seq);
                    self.remove(*begin, &touched);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn is_meant(&self, operation: Option<OperationId>) -> bool {
        let named = &self.selection.operations;
        named.is_empty() || operation.is_some_and(|id| named.contains(&id))
    }

    fn step(&mut self, change: &Change, before: Option<&Entity>) -> Result<(), Invalid> {
        let Some((begin, is_selected)) = self.current else {
            return Ok(());
        };
        let uuid = change.uuid();
        // Writes of others before the agent's are in the values that the agent overwrote.
        if !is_selected && !self.entities.contains_key(&uuid) {
            return Ok(());
        }
        self.writes += 1;
        if self.writes > MAX_WRITES {
            let message = format!("more than {MAX_WRITES} changes; name a later sequence");
            return Err(Invalid::new(Code::IntentShape, "since_seq", message));
        }
        let write = Write {
            begin,
            is_selected,
            op: Op::of(change),
            components: change
                .components()
                .map(|_| change.touched())
                .unwrap_or_default(),
            before: before.filter(|_| is_selected).cloned(),
        };
        self.entities.entry(uuid).or_default().0.push(write);
        self.open.entry(begin).or_default().push(uuid);
        Ok(())
    }

    /// Forgets the writes of a transaction that was rolled back.
    fn remove(&mut self, begin: u64, touched: &[Uuid]) {
        for uuid in touched {
            if let Some(work) = self.entities.get_mut(uuid) {
                work.0.retain(|write| write.begin != begin);
                if !work.0.iter().any(|write| write.is_selected) {
                    self.entities.remove(uuid);
                }
            }
        }
    }

    /// Returns the bulk data that the entities had before, as far as it may be needed, with one entity of each blob.
    pub fn blobs(&self) -> BTreeMap<BlobId, Uuid> {
        let bulk = ComponentSet::BULK;
        let former = |work: &EntityWork| {
            let written = work.run(bulk).and_then(|(at, _)| work.former(at, bulk));
            let deleted = work.deletion_run().and_then(|(_, it)| it.before.clone());
            let all = written.into_iter().chain(deleted.map(|it| it.components));
            all.flat_map(|it| it.blobs().collect::<Vec<_>>()).collect()
        };
        let each = self.entities.iter().map(|(uuid, work)| {
            let blobs: Vec<BlobId> = former(work);
            blobs.into_iter().map(|blob| (blob, *uuid))
        });
        each.flatten().collect()
    }

    /// Returns true if a writer of an entity is one of the selected operations, or a rollback of the range.
    pub(crate) fn is_own(&self, work: &EntityWork, seq: u64) -> bool {
        let is_selected = |write: &Write| write.is_selected && write.begin == seq;
        self.rollbacks.contains(&seq) || work.0.iter().any(is_selected)
    }

    /// Names the author of a change in what is left out.
    pub(crate) fn name(&self, left_out: &mut LeftOut, seq: u64, by: Option<Role>) {
        let writer = self.writers.get(&seq);
        left_out.seq = Some(seq);
        left_out.by = writer.map(|writer| writer.role).or(by);
        left_out.agent = writer.and_then(|writer| writer.agent.clone());
    }
}

impl Op {
    fn of(change: &Change) -> Self {
        match change {
            Change::Create { .. } => Op::Create,
            Change::Update { .. } => Op::Update,
            Change::Delete { .. } => Op::Delete,
        }
    }
}

impl Write {
    fn has_any(&self, components: ComponentSet) -> bool {
        !self.components.and(components).is_empty()
    }
}

impl EntityWork {
    /// Returns the first of the selected writes of these components that nobody else's write follows, and its index.
    pub fn run(&self, components: ComponentSet) -> Option<(usize, &Write)> {
        self.last_run(|write| write.has_any(components))
    }

    /// Returns the first of the selected creations and deletions that nobody else's follows, and its index.
    pub fn existence_run(&self) -> Option<(usize, &Write)> {
        self.last_run(|write| write.op != Op::Update)
    }

    /// Returns the first of the selected creations and deletions that no write of somebody else follows, and its index.
    pub fn deletion_run(&self) -> Option<(usize, &Write)> {
        self.last_run(|write| write.op != Op::Update || !write.is_selected)
    }

    fn last_run(&self, is_meant: impl Fn(&Write) -> bool) -> Option<(usize, &Write)> {
        let writes = self.0.iter().enumerate().rev();
        let writes = writes.filter(|(_, write)| is_meant(write));
        writes.take_while(|(_, write)| write.is_selected).last()
    }

    /// Returns these components as they were before the write at this index. None if the range does not tell.
    pub fn former(&self, at: usize, components: ComponentSet) -> Option<Components> {
        let write = self.0.get(at)?;
        let before = match write.op {
            Op::Update | Op::Delete => write.before.as_ref(),
            // A revived entity was before as it was when it was deleted.
            Op::Create => {
                let earlier = self.0.get(..at)?.iter();
                let mut deleted = earlier.rev().filter(|it| it.op == Op::Delete);
                deleted.next()?.before.as_ref()
            }
        };
        Some(before?.components.only(components))
    }

    /// Returns the last write of somebody else after an index that wrote any of these components.
    pub fn foreign_after(&self, at: usize, components: ComponentSet) -> Option<&Write> {
        let later = self.0.iter().skip(at);
        later
            .rev()
            .find(|write| !write.is_selected && write.has_any(components))
    }

    /// Returns the last write of somebody else, after a selected one of these components.
    pub fn overwritten(&self, components: ComponentSet) -> Option<&Write> {
        let is_own = |write: &Write| write.is_selected && write.has_any(components);
        let first = self.0.iter().position(is_own)?;
        self.foreign_after(first, components)
    }

    /// Returns the last write of somebody else.
    pub fn last_foreign(&self) -> Option<&Write> {
        self.0.iter().rev().find(|write| !write.is_selected)
    }
}
