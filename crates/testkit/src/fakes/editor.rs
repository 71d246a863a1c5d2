//! An editor in memory: holds entities, edits them, applies batches, and reads its state back.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vibesync_protocol::{
    AckStatus, AgentIdentity, AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, Intent,
    OpenApproval, SCHEMA_VERSION, VersionedChange, feature,
};
use vibesync_scene::{
    BlobId, Change, Code, Components, Entity, Epoch, InstanceId, OperationId, ProjectId, Role,
};

use super::shown::ShownValues;

/// The sequences that an editor counts as seen in the `base_seq` of its intents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaseSeq {
    /// The versions of the batches that it has applied, and a `sync` that owes nothing, as the protocol says.
    #[default]
    Applied,
    /// These, and the answers to its own intents.
    Answered,
    /// Every sequence that a message has named.
    Named,
}

/// A fake editor whose answers are its real state.
#[derive(Clone, Debug)]
pub struct FakeEditor {
    /// Blender or Unity.
    pub role: Role,
    /// Id of its process.
    pub instance: InstanceId,
    /// The project that is open.
    pub project: ProjectId,
    /// The entities of its scene.
    pub entities: BTreeMap<Uuid, Entity>,
    /// Confirmed versions, as the daemon sent them.
    pub versions: BTreeMap<Uuid, u64>,
    /// The newest version of each entity that a batch brought, or up to which it is said to be equal; deleted entities
    /// included.
    pub applied: BTreeMap<Uuid, u64>,
    /// Sequence up to which a `sync` said that the whole scene was equal.
    pub equal_seq: u64,
    /// Unacknowledged intents, oldest first.
    pub outbox: Vec<Intent>,
    /// Bulk data by content.
    pub bulk: BTreeMap<BlobId, Vec<u8>>,
    /// Highest sequence received.
    pub head_seq: u64,
    /// Highest sequence that counts as seen.
    pub seen_seq: u64,
    /// The sequences that count as seen.
    pub base_seq: BaseSeq,
    /// The epochs that the last `welcome` named.
    pub epochs: Vec<Epoch>,
    /// The last record that it shares with the log, until the daemon has answered all that it sends again.
    pub diverged_after: Option<u64>,
    /// The components that it does not support: a Unity has no geometry nodes and no cameras, and locks nothing.
    pub unknown: &'static [&'static str],
    /// Entities with a wrong read-back, as from a broken importer.
    pub lies_about: BTreeSet<Uuid>,
    /// Entities that cannot be changed: their state stays, and the editor reports the failure.
    pub fails_on: BTreeSet<Uuid>,
    /// Outcomes in order of arrival.
    pub outcomes: Vec<(OperationId, vibesync_scene::Phase)>,
    /// Notices in order of arrival.
    pub notices: Vec<(Code, Vec<Uuid>)>,
    /// Codes of refused intents in order of arrival.
    pub refusals: Vec<Code>,
    /// Its name, if it is an agent.
    pub agent: Option<AgentIdentity>,
    /// The features that it accepts.
    pub features: Vec<String>,
    /// Its intents that wait for a person, with the question.
    pub approvals: BTreeMap<OperationId, Uuid>,
    /// Open questions of agents, as it was told last.
    pub asked: Vec<OpenApproval>,
    /// Its selected objects.
    pub selected: Vec<Uuid>,
    /// The reason why it can neither draw nor select now.
    pub window_error: Option<String>,
    /// Entities whose state may not stand, with the sequence of the answer that said so. A whole delivery ends this,
    /// or the result of that change.
    pub(super) doubted: BTreeMap<Uuid, u64>,
    /// Entities of unacknowledged intents that a delivery has overwritten since the capture.
    pub(super) overwritten: BTreeSet<(OperationId, Uuid)>,
    /// Time of the editor, milliseconds. Only previews depend on it.
    pub now: u64,
    /// The previews that it shows.
    pub(super) shown: ShownValues,
    /// Number of intents that answered a `want`; part of their ids.
    pub(super) resent: u64,
    pub(super) ready: bool,
}

impl FakeEditor {
    /// Makes an editor with an empty scene.
    pub fn new(role: Role, instance: InstanceId, project: ProjectId) -> Self {
        Self {
            role,
            instance,
            project,
            entities: BTreeMap::new(),
            versions: BTreeMap::new(),
            applied: BTreeMap::new(),
            equal_seq: 0,
            outbox: Vec::new(),
            bulk: BTreeMap::new(),
            head_seq: 0,
            seen_seq: 0,
            base_seq: BaseSeq::default(),
            epochs: Vec::new(),
            diverged_after: None,
            unknown: match role {
                Role::Unity => &[
                    "nodes",
                    "camera",
                    "locks",
                    "collection",
                    "render_visibility",
                ],
                Role::Blender => &["shown"],
                _ => &[],
            },
            lies_about: BTreeSet::new(),
            fails_on: BTreeSet::new(),
            outcomes: Vec::new(),
            notices: Vec::new(),
            refusals: Vec::new(),
            agent: None,
            features: match role.is_editor() {
                true => [feature::PREVIEWS, feature::MESH_PREVIEWS]
                    .map(str::to_owned)
                    .into(),
                false => Vec::new(),
            },
            approvals: BTreeMap::new(),
            asked: Vec::new(),
            selected: Vec::new(),
            window_error: None,
            doubted: BTreeMap::new(),
            overwritten: BTreeSet::new(),
            now: 0,
            shown: ShownValues::new(),
            resent: 0,
            ready: false,
        }
    }

    /// Returns the components that it supports.
    pub fn components(&self) -> impl Iterator<Item = &'static str> + use<> {
        let unknown = self.unknown;
        let known = Components::NAMES.iter().copied();
        known.filter(move |name| !unknown.contains(name))
    }

    /// Edits as a user: the scene changes at once, the intent waits for its answer. Returns the message if connected.
    pub fn edit(
        &mut self,
        operation_id: OperationId,
        changes: Vec<Change>,
    ) -> Option<ClientMessage> {
        self.change(operation_id, changes, None)
    }

    /// Changes the scene as the tool of an add-on does in the call of this request.
    pub fn run_tool(
        &mut self,
        operation_id: OperationId,
        changes: Vec<Change>,
        request_id: Uuid,
    ) -> Option<ClientMessage> {
        self.change(operation_id, changes, Some(request_id))
    }

    fn change(
        &mut self,
        operation_id: OperationId,
        changes: Vec<Change>,
        request_id: Option<Uuid>,
    ) -> Option<ClientMessage> {
        self.put_back(changes.iter().map(Change::uuid));
        changes.iter().for_each(|change| self.apply(change));
        let intent = Intent {
            operation_id,
            project_id: self.project,
            schema_version: SCHEMA_VERSION,
            base_seq: self.base_seq(),
            label: "Edit".into(),
            dry_run: false,
            request_id,
            changes,
        };
        self.outbox.push(intent.clone());
        self.ready.then_some(ClientMessage::Intent(intent))
    }

    /// Returns the sequence up to which it has seen the scene. Agents have seen all that they were told.
    fn base_seq(&self) -> u64 {
        match self.role.is_editor() && self.base_seq != BaseSeq::Named {
            true => self.seen_seq,
            false => self.head_seq,
        }
    }

    /// Drops the connection.
    pub fn disconnect(&mut self) {
        self.ready = false;
        self.put_back_all();
    }

    /// Handles a message of the daemon and returns the answers.
    pub fn hear(&mut self, message: DaemonMessage) -> Vec<ClientMessage> {
        match message {
            DaemonMessage::Sync {
                want,
                head_seq,
                owed,
            } => {
                self.synced(&want, head_seq, owed);
                let unanswered = self.outbox.iter().cloned();
                unanswered.map(ClientMessage::Intent).collect()
            }
            DaemonMessage::Want { uuids } => self.send_again(&uuids),
            DaemonMessage::View(view) => vec![self.draw(&view)],
            DaemonMessage::Select(select) => vec![self.select(select)],
            answer @ DaemonMessage::Ack { .. } => {
                self.hear_answer(answer);
                Vec::new()
            }
            DaemonMessage::Apply {
                batch_id,
                changes,
                head_seq,
                ..
            } => {
                self.head_seq = self.head_seq.max(head_seq);
                let results = changes.iter().map(|change| self.put(change));
                vec![ClientMessage::Applied {
                    batch_id,
                    results: results.collect(),
                }]
            }
            DaemonMessage::Outcome {
                operation_id,
                phase,
                ..
            } => {
                self.outcomes.push((operation_id, phase));
                Vec::new()
            }
            DaemonMessage::Welcome {
                epochs,
                diverged_after,
                ..
            } => {
                self.welcome(epochs, diverged_after);
                Vec::new()
            }
            other => {
                self.note(other);
                Vec::new()
            }
        }
    }

    /// Notes a message that nobody answers.
    fn note(&mut self, message: DaemonMessage) {
        match message {
            DaemonMessage::Approvals { open } => self.asked = open,
            DaemonMessage::Notice { code, uuids, .. } => self.notices.push((code, uuids)),
            other => self.hear_preview(other),
        }
    }

    /// Reads all entities of a batch back once more, because the user has edited since.
    pub fn read_back_again(&self, answers: &mut [ClientMessage]) {
        for answer in answers {
            if let ClientMessage::Applied { results, .. } = answer {
                for result in results {
                    result.state = self.read_back(result.uuid);
                }
            }
        }
    }

    /// Applies one change of a batch, and reads the entity back.
    fn put(&mut self, change: &VersionedChange) -> AppliedResult {
        let uuid = change.change.uuid();
        self.put_back([uuid]);
        let fails = self.fails_on.contains(&uuid);
        if !fails {
            self.apply(&change.change);
            self.versions.insert(uuid, change.version);
            self.applied.insert(uuid, change.version);
            self.seen_seq = self.seen_seq.max(change.version);
            self.believe(&change.change, change.version);
            self.note_overwritten(uuid);
        }
        AppliedResult {
            uuid,
            status: match fails {
                true => ApplyStatus::Failed,
                false => ApplyStatus::Applied,
            },
            state: self.read_back(uuid),
            error: None,
        }
    }

    /// Confirms an entity. A partial update older than the invalidation confirms nothing.
    fn believe(&mut self, change: &Change, version: u64) {
        let uuid = change.uuid();
        let is_whole = !matches!(change, Change::Update { .. });
        if is_whole
            || self
                .doubted
                .get(&uuid)
                .is_some_and(|since| version >= *since)
        {
            self.doubted.remove(&uuid);
        }
    }

    fn synced(&mut self, want: &[Uuid], head_seq: u64, owed: u64) {
        self.ready = true;
        self.head_seq = self.head_seq.max(head_seq);
        if owed == 0 {
            self.seen_seq = self.seen_seq.max(head_seq);
            self.equal_seq = head_seq;
        }
        // Entities that neither side has are equal, too.
        let missing = self.versions.keys().copied();
        let missing = missing.filter(|uuid| !self.entities.contains_key(uuid));
        self.applied.extend(missing.map(|uuid| (uuid, head_seq)));
        self.versions.retain(|uuid, _| !want.contains(uuid));
    }

    pub(super) fn acknowledged(
        &mut self,
        operation_id: OperationId,
        status: AckStatus,
        seq: u64,
        behind: &[Uuid],
    ) {
        let Some(at) = self
            .outbox
            .iter()
            .position(|intent| intent.operation_id == operation_id)
        else {
            return;
        };
        let intent = self.outbox.remove(at);
        for change in &intent.changes {
            match (status, change) {
                (AckStatus::Refused, change) if self.has_create_of(change.uuid()) => {}
                (AckStatus::Refused, Change::Create { uuid, .. })
                    if !self.versions.contains_key(uuid) =>
                {
                    self.entities.remove(uuid);
                }
                (AckStatus::Refused, _) => {
                    self.doubted.insert(change.uuid(), u64::MAX);
                }
                // An older value may still be on its way; the result comes after it, with its version.
                _ if behind.contains(&change.uuid()) => {
                    self.doubted.insert(change.uuid(), seq);
                }
                _ => {
                    let version = self.versions.entry(change.uuid()).or_default();
                    *version = seq.max(*version);
                    if status == AckStatus::Unchanged {
                        self.applied.insert(change.uuid(), seq);
                    }
                }
            }
        }
        self.overwritten.retain(|(id, _)| *id != operation_id);
        self.head_seq = self.head_seq.max(seq);
        if self.base_seq == BaseSeq::Answered && status != AckStatus::Refused {
            self.seen_seq = self.seen_seq.max(seq);
        }
        self.end_divergence();
    }

    fn note_overwritten(&mut self, uuid: Uuid) {
        for intent in &self.outbox {
            if intent.changes.iter().any(|change| change.uuid() == uuid) {
                self.overwritten.insert((intent.operation_id, uuid));
            }
        }
    }

    fn read_back(&self, uuid: Uuid) -> Option<Entity> {
        let mut entity = self.entities.get(&uuid)?.clone();
        if self.lies_about.contains(&uuid) {
            super::change::falsify(&mut entity.components);
            super::rigs::falsify(&mut entity.components);
        }
        Some(entity)
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Create {
                uuid,
                kind,
                components,
            } => {
                let entity = Entity {
                    uuid: *uuid,
                    kind: *kind,
                    components: by_content(components),
                };
                self.entities.insert(*uuid, entity);
            }
            Change::Update { uuid, components } => {
                if let Some(entity) = self.entities.get_mut(uuid) {
                    entity.components.merge(&by_content(components));
                }
            }
            Change::Delete { uuid } => {
                self.entities.remove(uuid);
            }
        }
    }
}

/// Names bulk data by its content, not by the frame that brought it.
fn by_content(components: &Components) -> Components {
    let mut components = components.clone();
    let buffers = components.buffers_mut();
    for buffer in buffers.filter(|buffer| buffer.blob.is_some()) {
        buffer.attachment = None;
    }
    components
}
