//! From a wish to a transaction: checked against the scene, reduced to what really changes, logged, acknowledged.

use std::collections::BTreeSet;

use vibesync_protocol::{
    AckStatus, ApplyReason, Code, DaemonMessage, ErrorBody, Intent, MAX_CHANGES, SCHEMA_VERSION,
    Severity,
};
use vibesync_scene::{
    Change, Invalid, LONGEST_TEXT, Operation, Outcome, Payload, Phase, Quarantine, RecordBody,
    Role, SessionId, Uuid, Verdict,
};

use crate::engine::Engine;
use crate::intake::check::{Held, Refusal, Validated, check, check_shape};
use crate::intake::conflict::Sender;
use crate::intake::pending_intents::WaitReason;

/// Most entities that a notice names.
pub(crate) const MAX_NAMED: usize = 100;

impl Engine {
    pub(crate) fn intent(&mut self, session: SessionId, intent: Intent) {
        self.intent_of(session, intent, MAX_CHANGES);
    }

    /// An intent of at most this many changes.
    pub(crate) fn intent_of(&mut self, session: SessionId, intent: Intent, most: usize) {
        let id = intent.operation_id;
        if self.sessions.get(session).is_none() || self.waiting.holds(session, id) {
            return;
        }
        if self.is_too_fast(session, &intent) {
            return;
        }
        if let Some(known) = self.operations.get(id).cloned() {
            return self.answer_again(session, &intent, &known);
        }
        let sound = self
            .check_envelope(session, &intent)
            .and_then(|()| check_shape(&intent, most));
        if let Err(invalid) = sound {
            return self.refuse_intent(session, &intent, invalid);
        }
        let ahead = self.waiting.len();
        if let Some(until) = self.decide(session, &intent, &BTreeSet::new(), ahead, false)
            && let Err(intent) = self.defer(session, intent, until)
        {
            let full = Invalid::new(Code::QueueFull, "", "too many intents wait for others");
            self.refuse_intent(session, &intent, full);
        }
    }

    /// Decides an intent that stands behind `ahead` of those that wait, or says what it must wait for. One that is
    /// `late` waits for no entity any longer. What is `covered` its editor has been sent since, and must get again.
    pub(crate) fn decide(
        &mut self,
        session: SessionId,
        intent: &Intent,
        covered: &BTreeSet<Uuid>,
        ahead: usize,
        late: bool,
    ) -> Option<WaitReason> {
        let role = self.sessions.get(session)?.role;
        if let Some(until) = self.must_wait(session, role, intent, ahead) {
            return Some(until);
        }
        let sender = Sender {
            role,
            base_seq: intent.base_seq,
            replica: self.sessions.replica(role),
        };
        match check(&self.scene, &sender, intent) {
            Err(Refusal::Missing(uuid, _)) if !late => {
                return Some(WaitReason::EntityCreated(uuid));
            }
            Err(Refusal::Missing(_, invalid) | Refusal::Invalid(invalid)) => {
                self.refuse_intent(session, intent, invalid);
            }
            Ok(checked) => {
                self.owe_again(role, covered.iter().copied());
                self.accept(session, role, intent, checked);
            }
        }
        None
    }

    /// Logs what an intent comes to, and answers.
    fn accept(&mut self, session: SessionId, origin: Role, intent: &Intent, checked: Validated) {
        let Validated {
            accepted,
            quarantined,
            superseded,
            overwritten,
        } = checked;
        let digest = content_digest(intent);
        let changes = accepted
            .iter()
            .chain(quarantined.iter().map(|it| &it.change));
        let decision = self.decide_policy(origin, &digest, changes);
        if decision.verdict >= Verdict::Block {
            return self.block(session, origin, intent, digest, decision);
        }
        let whole = accepted.is_empty() && !quarantined.is_empty();
        let disputed = self.set_aside(session, origin, intent, &digest, quarantined, whole);
        self.owe_again(origin, superseded.iter().copied());
        self.owe_again(origin, self.uncertain(origin, intent).into_iter());
        for role in Role::EDITORS {
            // Also where the standing change was made: an edit by who has been told ends the quarantine.
            self.owe_again(role, disputed.iter().copied());
        }
        self.note_unchanged(origin, intent);
        if whole {
            let refused = Some(conflict());
            self.ack(
                session,
                intent,
                AckStatus::Refused,
                self.head_seq(),
                refused,
            );
        } else if accepted.is_empty() {
            self.ack(session, intent, AckStatus::Unchanged, self.head_seq(), None);
        } else {
            let begin = self.begin(session, origin, intent, digest, decision, accepted);
            self.ack(session, intent, AckStatus::Accepted, begin, None);
            self.finish_if_settled(begin);
            self.bound_open();
        }
        self.tell_disputed(origin, &disputed, whole);
        for uuid in superseded {
            self.tell_overruled(origin, uuid);
        }
        for (loser, uuid) in overwritten {
            self.tell_overruled(loser, uuid);
        }
    }

    /// Entities that an intent is about, and of which nobody knows what else its editor holds: the last deliveries failed; or
    /// the intent brings one back and is from before the editor connected, so it may have been told of the deletion since.
    fn uncertain(&self, origin: Role, intent: &Intent) -> Vec<Uuid> {
        let Some(replica) = self.sessions.replica(origin) else {
            return Vec::new();
        };
        let is_older = intent.base_seq < replica.synced_at;
        let is_uncertain = |change: &&Change| {
            let row = self.scene.row(change.uuid());
            row.is_some_and(|row| match change {
                Change::Create { .. } => row.tombstone && is_older,
                Change::Update { .. } => {
                    !row.tombstone && !replica.held.contains_key(&change.uuid())
                }
                Change::Delete { .. } => false,
            })
        };
        let uncertain = intent.changes.iter().filter(is_uncertain);
        uncertain.map(Change::uuid).collect()
    }

    /// Keeps in the log what conflicts with what stands, and quarantines what it is about: those entities.
    fn set_aside(
        &mut self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        digest: &str,
        quarantined: Vec<Held>,
        whole: bool,
    ) -> Vec<Uuid> {
        let mut disputed = Vec::new();
        for Held { change, against } in quarantined {
            let named = against.iter().map(|against| against.uuid);
            let mut uuids = vec![change.uuid()];
            uuids.extend(named.filter(|uuid| *uuid != change.uuid()));
            uuids.retain(|uuid| self.scene.row(*uuid).is_some());
            disputed.extend(&uuids);
            let seq = self.append(RecordBody {
                session_id: Some(session),
                operation_id: Some(intent.operation_id),
                uuids: uuids.clone(),
                phase: Phase::Quarantine,
                outcome: Outcome::Held,
                error_code: Some(Code::Conflict),
                payload: Payload::Quarantine {
                    origin,
                    label: intent.label.clone(),
                    digest: digest.to_owned(),
                    whole,
                    change,
                    against,
                },
            });
            for uuid in uuids {
                self.scene
                    .quarantine(uuid, Quarantine { seq, held: origin });
            }
            if whole {
                let id = intent.operation_id;
                self.operations.begin(id, digest.to_owned(), seq);
                self.operations.end(id, Phase::Quarantine, Outcome::Held);
            }
        }
        disputed
    }

    /// Tells all editors, but for the one that the answer told already.
    fn tell_disputed(&mut self, origin: Role, disputed: &[Uuid], answered: bool) {
        let Some(first) = disputed.first() else {
            return;
        };
        let mut error = conflict();
        error.message = format!(
            "{}: {} changed it at the same time as another; that change was set aside",
            self.called(*first),
            origin.as_str()
        );
        let told = |role: &Role| !(answered && *role == origin);
        let replicas = Role::EDITORS.into_iter().filter(told);
        let sessions: Vec<SessionId> = replicas
            .filter_map(|role| Some(self.sessions.replica(role)?.session))
            .collect();
        let uuids: Vec<Uuid> = disputed.iter().take(MAX_NAMED).copied().collect();
        for session in sessions {
            self.notice(session, Severity::Warning, &error, uuids.clone());
        }
    }

    /// Tells whoever made a change that another one, made at the same time, stands in its stead.
    fn tell_overruled(&mut self, loser: Role, uuid: Uuid) {
        let code = Code::Overruled;
        let error = ErrorBody {
            code,
            message: format!(
                "{}: another change, made at the same time as yours, stands",
                self.called(uuid)
            ),
            location: uuid.to_string(),
            help: code.help().to_owned(),
        };
        for session in self.sessions.untold(loser, uuid, self.now) {
            self.notice(session, Severity::Warning, &error, vec![uuid]);
        }
    }

    /// An entity as a person calls it.
    pub(crate) fn called(&self, uuid: Uuid) -> String {
        let row = self.scene.row(uuid);
        let name = row.and_then(|row| row.entity.components.name.as_ref());
        name.map_or_else(|| uuid.to_string(), |name| format!("\"{name}\""))
    }

    /// Owes an editor entities as they are, because it holds something else.
    fn owe_again(&mut self, role: Role, uuids: impl Iterator<Item = Uuid>) {
        if let Some(replica) = self.sessions.replica_mut(role) {
            for uuid in uuids.filter(|uuid| self.scene.row(*uuid).is_some()) {
                replica.queue.enqueue_full(uuid, ApplyReason::Restore);
            }
        }
    }

    /// Does nothing but say why. An editor that holds what the authority never will gets the authoritative state back.
    pub(crate) fn refuse_intent(&mut self, session: SessionId, intent: &Intent, invalid: Invalid) {
        let is_about_content =
            invalid.code >= Code::UuidUnknown && invalid.code <= Code::ApplyFailed;
        let mut error = ErrorBody::from(invalid);
        error.help = error.code.help().to_owned();
        let role = self.sessions.get(session).map(|session| session.role);
        if role == Some(Role::Agent) && is_about_content && !error.code.is_about_timing() {
            let digest = content_digest(intent);
            self.count_refusal(session, intent.changes.iter(), &digest, &error);
        }
        self.note_error(&error, intent.changes.iter().map(Change::uuid));
        self.ack(
            session,
            intent,
            AckStatus::Refused,
            self.head_seq(),
            Some(error),
        );
        if let Some((role, _)) = self
            .sessions
            .replica_of(session)
            .filter(|_| is_about_content)
        {
            self.owe_again(role, intent.changes.iter().map(Change::uuid));
        }
    }

    fn check_envelope(&mut self, session: SessionId, intent: &Intent) -> Result<(), Invalid> {
        if intent.project_id != self.options.project_id {
            return Err(Invalid::new(
                Code::OtherProject,
                "project_id",
                "the intent is for another project",
            ));
        }
        if intent.schema_version != SCHEMA_VERSION {
            let message = format!(
                "schema version {} is not {SCHEMA_VERSION}",
                intent.schema_version
            );
            return Err(Invalid::new(
                Code::VersionUnsupported,
                "schema_version",
                message,
            ));
        }
        if intent.label.chars().count() > LONGEST_TEXT {
            let message = format!("longer than {LONGEST_TEXT} characters");
            return Err(Invalid::new(Code::IntentShape, "label", message));
        }
        if intent.base_seq > self.head_seq() {
            let message = format!(
                "base_seq {} is ahead of the log at {}",
                intent.base_seq,
                self.head_seq()
            );
            return Err(Invalid::new(Code::SequenceAhead, "base_seq", message));
        }
        let syncing = self
            .sessions
            .replica_of(session)
            .is_some_and(|(_, replica)| replica.inventory.is_some());
        if syncing {
            return Err(Invalid::new(
                Code::MessageUnknown,
                "type",
                "no intent before the inventory is answered",
            ));
        }
        Ok(())
    }

    fn answer_again(&mut self, session: SessionId, intent: &Intent, known: &Operation) {
        if known.digest != content_digest(intent) {
            let error = ErrorBody {
                code: Code::OperationReused,
                message: "this operation id was used for other content".into(),
                location: "operation_id".into(),
                help: Code::OperationReused.help().to_owned(),
            };
            return self.ack(
                session,
                intent,
                AckStatus::Refused,
                known.begin,
                Some(error),
            );
        }
        if let Some((Phase::Quarantine, _)) = known.end {
            if let Some((role, _)) = self.sessions.replica_of(session) {
                self.owe_again(role, intent.changes.iter().map(Change::uuid));
            }
            let refused = Some(conflict());
            return self.ack(session, intent, AckStatus::Refused, known.begin, refused);
        }
        self.ack(session, intent, AckStatus::Duplicate, known.begin, None);
        if let Some((phase, outcome)) = known.end {
            let seq = known.begin;
            self.send(
                session,
                DaemonMessage::Outcome {
                    operation_id: intent.operation_id,
                    phase,
                    outcome,
                    seq,
                    error: None,
                },
            );
        }
    }

    pub(crate) fn ack(
        &mut self,
        session: SessionId,
        intent: &Intent,
        status: AckStatus,
        seq: u64,
        error: Option<ErrorBody>,
    ) {
        let uuids = intent.changes.iter().map(Change::uuid);
        let behind = match self.sessions.replica_of(session) {
            Some((_, replica)) => uuids.filter(|uuid| replica.is_expecting(*uuid)).collect(),
            None => Vec::new(),
        };
        self.send(
            session,
            DaemonMessage::Ack {
                operation_id: intent.operation_id,
                status,
                seq,
                behind,
                error,
            },
        );
    }

    /// An editor that sends values which the scene already holds is up to date on them.
    fn note_unchanged(&mut self, origin: Role, intent: &Intent) {
        let Some(replica) = self.sessions.replica_mut(origin) else {
            return;
        };
        for change in &intent.changes {
            let row = self.scene.row(change.uuid());
            if let Some(row) = row.filter(|_| !replica.is_expecting(change.uuid())) {
                replica.held.insert(change.uuid(), row.version);
            }
        }
    }
}

/// BLAKE3 of what is asked for: the same for a repeated intent, whatever happened since.
fn content_digest(intent: &Intent) -> String {
    // Writing plain data into memory cannot fail.
    let content = serde_json::to_vec(&(&intent.label, &intent.changes)).unwrap_or_default();
    blake3::hash(&content).to_hex().to_string()
}

fn conflict() -> ErrorBody {
    let code = Code::Conflict;
    ErrorBody {
        code,
        message: "somebody else changed the same at the same time; your change was set aside"
            .into(),
        location: String::new(),
        help: code.help().to_owned(),
    }
}
