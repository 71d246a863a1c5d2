//! The effects of a valid intent: it begins a transaction, is quarantined, changes nothing, or is blocked by policy.

use vibesync_protocol::{AckStatus, Intent};
use vibesync_scene::{
    AgentName, Change, Outcome, Payload, Phase, PolicyDecision, RecordBody, Role, Scene, SessionId,
    Uuid, Verdict,
};

use crate::calls::intent::judged_role;
use crate::delivery::replicas::Replicas;
use crate::governance::policy;
use crate::intake::answer::{Answer, acknowledge, conflict_error, content_digest};
use crate::intake::quarantine::{notify_disputed, notify_overwritten, quarantine};
use crate::intake::validate::Validated;
use crate::journal::Journal;
use crate::refusals::Refusal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::{Submission, Transactions};

/// The state that accepting an intent changes.
pub(crate) struct Acceptance<'a> {
    pub journal: &'a mut Journal,
    pub scene: &'a mut Scene,
    pub transactions: &'a mut Transactions,
    pub replicas: &'a mut Replicas,
    pub sessions: &'a mut Sessions,
    /// The agent whose call made the changes in an editor.
    pub caller: Option<AgentName>,
    /// Most changes in open transactions.
    pub max_open: usize,
}

impl Acceptance<'_> {
    /// Logs and answers a validated intent.
    pub fn accept(
        &mut self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        validated: Validated,
    ) {
        let digest = content_digest(intent);
        let changes = validated.changes();
        let decision = policy::decide(
            self.journal.failures(),
            judged_role(origin, intent),
            &digest,
            changes,
        );
        let Validated {
            accepted,
            quarantined,
            superseded,
            overwritten,
        } = validated;
        let agent = self.sessions.agent(session);
        let agent = agent.or(self.caller.as_ref()).cloned();
        let submission = Submission {
            session,
            origin,
            agent: agent.as_ref(),
            intent,
            digest: &digest,
        };
        if decision.verdict >= Verdict::Block {
            return self.block(&submission, decision);
        }
        let is_refused = accepted.is_empty() && !quarantined.is_empty();
        let disputed = quarantine(
            self.journal,
            self.scene,
            self.transactions,
            &submission,
            quarantined,
            is_refused,
        );
        self.enqueue_restores(&submission, &superseded, &disputed);
        self.note_unchanged(origin, intent);
        self.begin_and_answer(&submission, decision, accepted, is_refused);
        notify_disputed(
            self.journal,
            self.scene,
            self.replicas,
            origin,
            &disputed,
            is_refused,
        );
        let superseded = superseded.into_iter().map(|uuid| (origin, None, uuid));
        let overwritten = overwritten.into_iter();
        let overwritten = overwritten.map(|(by, begin, uuid)| (by, Some(begin), uuid));
        for (loser, begin, uuid) in superseded.chain(overwritten) {
            notify_overwritten(self.journal, self.scene, self.sessions, loser, begin, uuid);
        }
    }

    /// Begins the transaction if any change was accepted, and answers.
    fn begin_and_answer(
        &mut self,
        submission: &Submission<'_>,
        decision: PolicyDecision,
        accepted: Vec<Change>,
        is_refused: bool,
    ) {
        let head = self.journal.head_seq();
        if is_refused {
            return self.answer(submission, Answer::refused(head, conflict_error()));
        }
        if accepted.is_empty() {
            let answer = Answer::without_error(AckStatus::Unchanged, head);
            return self.answer(submission, answer);
        }
        let begin = self.transactions.begin(
            self.journal,
            self.scene,
            self.replicas,
            submission,
            decision,
            accepted,
        );
        let session = self.sessions.get(submission.session);
        if let Some(agent) = session.filter(|it| it.role == Role::Agent) {
            let agent = agent.instance;
            self.sessions.agent_changes.note(begin, agent);
        }
        self.answer(
            submission,
            Answer::without_error(AckStatus::Accepted, begin),
        );
        self.transactions
            .finish_if_settled(self.journal, self.sessions, begin);
        self.transactions
            .limit_open(self.journal, self.sessions, self.max_open);
    }

    fn answer(&mut self, submission: &Submission<'_>, answer: Answer) {
        let Submission {
            session, intent, ..
        } = *submission;
        acknowledge(self.journal, self.replicas, session, intent, answer);
    }

    /// Logs that policy forbids an intent, and refuses it.
    pub fn block(&mut self, submission: &Submission<'_>, decision: PolicyDecision) {
        let Submission {
            session,
            origin,
            agent,
            intent,
            digest,
        } = *submission;
        let error = policy::explain_block(self.journal.failures(), &decision);
        let refusal = Refusal::new(session, (origin, agent), intent, &error);
        let consult = RecordBody {
            session_id: Some(session),
            operation_id: Some(intent.operation_id),
            uuids: intent.changes.iter().map(Change::uuid).collect(),
            phase: Phase::Consult,
            outcome: Outcome::Failed,
            error_code: Some(error.code),
            payload: Payload::Consult {
                origin,
                agent: agent.cloned(),
                label: intent.label.clone(),
                digest: digest.to_owned(),
                decision,
            },
        };
        self.journal.log_refusal(refusal, Some(consult));
        let uuids = intent.changes.iter().map(Change::uuid);
        self.journal.note_error(&error, uuids);
        let head = self.journal.head_seq();
        self.answer(submission, Answer::refused(head, error));
    }

    /// Queues the entities of which editors hold other values than the scene.
    fn enqueue_restores(
        &mut self,
        submission: &Submission<'_>,
        superseded: &[Uuid],
        disputed: &[Uuid],
    ) {
        let Submission { origin, intent, .. } = *submission;
        let uncertain = self.find_uncertain(origin, intent);
        let (scene, replicas) = (&*self.scene, &mut *self.replicas);
        let superseded = superseded.iter().copied();
        replicas.enqueue_restore(origin, scene, superseded);
        replicas.enqueue_restore(origin, scene, uncertain.into_iter());
        for role in Role::EDITORS {
            // The editor of the standing change gets it again, too: its next edit, once it was told, ends the quarantine.
            replicas.enqueue_restore(role, scene, disputed.iter().copied());
        }
    }

    /// Returns the entities of an intent whose state in the editor is unknown. Either the last deliveries failed, or the
    /// intent is older than the editor's connection. The editor may have applied a batch since: a deletion of the entity
    /// that the intent revives, or a batch of a log that was lost.
    fn find_uncertain(&self, origin: Role, intent: &Intent) -> Vec<Uuid> {
        let Some(replica) = self.replicas.get(origin) else {
            return Vec::new();
        };
        let is_older = intent.base_seq < replica.synced_at;
        let is_uncertain = |change: &&Change| {
            let uuid = change.uuid();
            let row = self.scene.row(uuid);
            let is_overwritten = is_older && replica.unsure.contains(&uuid);
            row.is_some_and(|row| match change {
                _ if is_overwritten => true,
                Change::Create { .. } => {
                    let is_old_deletion = row.changed.newest() <= replica.synced_at;
                    row.tombstone && is_older && is_old_deletion
                }
                Change::Update { .. } => !row.tombstone && !replica.versions.contains_key(&uuid),
                Change::Delete { .. } => false,
            })
        };
        let uncertain = intent.changes.iter().filter(is_uncertain);
        uncertain.map(Change::uuid).collect()
    }

    /// Notes that an editor which sends values of the scene is up to date on them.
    fn note_unchanged(&mut self, origin: Role, intent: &Intent) {
        let Some(replica) = self.replicas.get_mut(origin) else {
            return;
        };
        for change in &intent.changes {
            let uuid = change.uuid();
            let row = self.scene.row(uuid);
            if let Some(row) = row.filter(|_| !replica.is_expecting(uuid)) {
                replica.versions.insert(uuid, row.version);
            }
        }
    }
}
