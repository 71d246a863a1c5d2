//! The sequences for intents: check, decide, carry out the decision; decide again what had to wait.

use vibesync_protocol::{Intent, MAX_CHANGES};
use vibesync_scene::{AgentName, Code, Invalid, Role, SessionId};

use super::Engine;
use crate::agents::access::Purpose;
use crate::calls::intent::{self, judged_role};
use crate::intake::accept::Acceptance;
use crate::intake::answer::content_digest;
use crate::intake::check::{check_envelope, check_shape};
use crate::intake::decide::{Decision, DecisionInput};
use crate::intake::dry_run::{self, Planned};
use crate::intake::pending_intents::{Covered, Standing, WaitReason};
use crate::intake::restore_plan::MAX_RESTORED;
use crate::intake::state::notify_paused;
use crate::revert::find_outdated;
use crate::transaction::lifecycle::Submission;

impl Engine {
    /// Decides on an intent, or lets it wait.
    pub(super) fn receive_intent(&mut self, session: SessionId, intent: Intent, purpose: Purpose) {
        let id = intent.operation_id;
        let Some(role) = self.sessions.role(session) else {
            return;
        };
        if intent.dry_run {
            return self.plan(session, role, &intent, purpose);
        }
        let role = purpose.origin(role);
        self.note_words(session, &intent.label);
        if let Some(pending) = self.intake.pending.find(session, id) {
            if content_digest(&intent) != content_digest(pending) {
                let head = self.journal.head_seq();
                self.answers().refuse_reused(session, &intent, head);
            }
            return;
        }
        if self.is_swapped(session, &intent) {
            let head = self.journal.head_seq();
            return self.answers().refuse_reused(session, &intent, head);
        }
        if self.repeat_waiting(session, id) {
            return;
        }
        let now = self.journal.now();
        let judged = judged_role(role, &intent);
        if let Err(invalid) = self.governance.check_rate(judged, &intent, now) {
            return self.answers().refuse(session, &intent, invalid);
        }
        if let Some(known) = self.transactions.operation(id).cloned() {
            if self.answers().repeat(session, &intent, &known) {
                self.transactions.open.note_repeated(known.begin, session);
            }
            return;
        }
        if let Err(invalid) = intent::note(&mut self.calls, session, &intent) {
            return self.answers().refuse(session, &intent, invalid);
        }
        if let Err(invalid) = self.check(session, &intent, purpose) {
            return self.answers().refuse(session, &intent, invalid);
        }
        let standing = Standing {
            purpose,
            is_approved: false,
        };
        self.submit(session, role, intent, standing);
    }

    /// Decides on an intent that is well-formed, or lets it wait.
    pub(super) fn submit(
        &mut self,
        session: SessionId,
        role: Role,
        intent: Intent,
        standing: Standing,
    ) {
        let ahead = self.intake.pending.len();
        let input = self.decision_input();
        let covered = Covered::new();
        let decision = input.decide(session, role, &intent, &covered, ahead, false);
        let sender = (session, role);
        let Some(reason) = self.carry_out(sender, &intent, standing, &covered, decision) else {
            return;
        };
        let (journal, sessions) = (&mut self.journal, &self.sessions);
        let deferred = self
            .intake
            .defer(journal, sessions, session, intent, standing, reason);
        if let Err(intent) = deferred {
            let message = "too many intents are pending";
            let full = Invalid::new(Code::QueueFull, "", message);
            self.answers().refuse(session, &intent, full);
        }
    }

    /// Checks what does not depend on the scene.
    fn check(&self, session: SessionId, intent: &Intent, purpose: Purpose) -> Result<(), Invalid> {
        let replica = self.delivery.replicas.of_session(session);
        let is_syncing = replica.is_some_and(|(_, replica)| replica.inventory.is_some());
        let head = self.journal.head_seq();
        check_envelope(intent, self.options.project_id, head, is_syncing)?;
        check_shape(intent, max_changes(purpose))
    }

    /// Answers a dry run with the plan or the refusal. Editors have a state of their own to plan with.
    fn plan(&mut self, session: SessionId, role: Role, intent: &Intent, purpose: Purpose) {
        let now = self.journal.now();
        let checked = match role.is_editor() {
            true => {
                let message = "an editor makes no dry run";
                Err(Invalid::new(Code::MessageUnknown, "dry_run", message))
            }
            false => self.governance.check_rate(role, intent, now),
        };
        let checked = checked.and_then(|()| self.check(session, intent, purpose));
        if let Err(invalid) = checked {
            return self.answers().refuse(session, intent, invalid);
        }
        let ahead = self.intake.pending.len();
        let input = self.decision_input();
        let failures = self.journal.failures();
        match dry_run::plan(&input, failures, session, role, intent, ahead) {
            Planned::Refused(invalid) => self.answers().refuse(session, intent, invalid),
            Planned::Accepted(changes, waits_for) => {
                let (journal, scene) = (&mut self.journal, &self.scene);
                dry_run::send_plan(journal, scene, session, intent, &changes, waits_for);
            }
            Planned::Blocked(decision) => {
                let agent = self.sessions.agent(session).cloned();
                let submission = Submission {
                    session,
                    origin: role,
                    agent: agent.as_ref(),
                    intent,
                    digest: &content_digest(intent),
                };
                self.acceptance(None).block(&submission, decision);
            }
        }
    }

    /// Carries out a decision. Returns the reason if the intent has to wait. `covered`: entities that were sent to the
    /// editor after it made this intent; they must be sent again.
    fn carry_out(
        &mut self,
        (session, role): (SessionId, Role),
        intent: &Intent,
        standing: Standing,
        covered: &Covered,
        decision: Decision,
    ) -> Option<WaitReason> {
        match decision {
            Decision::Wait(reason) => return Some(reason),
            Decision::Refuse(invalid) => self.answers().refuse(session, intent, invalid),
            Decision::Accept(validated) => {
                let call = intent.request_id.and_then(|id| self.calls.get(id));
                let caller = call.map(|open| open.call.agent.clone());
                let validated = match &caller {
                    Some(agent) => self.admit_tool(session, agent, intent, validated)?,
                    None => self.admit(session, intent, standing, validated)?,
                };
                let replicas = &mut self.delivery.replicas;
                replicas.enqueue_restore(role, &self.scene, covered.keys().copied());
                self.acceptance(caller)
                    .accept(session, role, intent, validated);
            }
        }
        self.batch_result().settle_vanished(role, &intent.changes);
        None
    }

    /// Decides the pending intents that need not wait any longer.
    pub(super) fn release_intents(&mut self) {
        let now = self.journal.now();
        let mut at = 0;
        while let Some(deferred) = self.intake.pending.get(at) {
            let is_late = deferred.is_late(now) || self.intake.pending.waits_in_vain(at);
            let (session, reason) = (deferred.session, deferred.reason);
            if !is_late && !self.decision_input().is_over(session, reason) {
                at += 1;
                continue;
            }
            let deferred = self.intake.pending.remove(at);
            let reason = self.sessions.role(session).and_then(|role| {
                let role = deferred.standing.purpose.origin(role);
                let (intent, covered) = (&deferred.intent, &deferred.covered);
                let input = self.decision_input();
                let outdated = match deferred.standing.purpose {
                    Purpose::Undo => find_outdated(&self.scene, intent),
                    Purpose::Change | Purpose::Restore => None,
                };
                let decision = outdated.map_or_else(
                    || input.decide(session, role, intent, covered, at, is_late),
                    Decision::Refuse,
                );
                self.carry_out(
                    (session, role),
                    intent,
                    deferred.standing,
                    covered,
                    decision,
                )
            });
            let Some(reason) = reason else {
                // An earlier intent may have waited for this one.
                at = 0;
                continue;
            };
            if !deferred.reason.is_edit() {
                let (journal, sessions) = (&mut self.journal, &self.sessions);
                notify_paused(journal, sessions, session, &deferred.intent, reason);
            }
            self.intake.pending.put_back(at, deferred, reason, now);
            at += 1;
        }
    }

    fn acceptance(&mut self, caller: Option<AgentName>) -> Acceptance<'_> {
        Acceptance {
            journal: &mut self.journal,
            scene: &mut self.scene,
            transactions: &mut self.transactions,
            replicas: &mut self.delivery.replicas,
            sessions: &mut self.sessions,
            caller,
            max_open: self.options.max_open,
        }
    }

    fn decision_input(&self) -> DecisionInput<'_> {
        DecisionInput {
            scene: &self.scene,
            replicas: &self.delivery.replicas,
            open: &self.transactions.open,
            pending: &self.intake.pending,
            edits: &self.intake.edits,
            sessions: &self.sessions,
        }
    }
}

/// Returns the most changes of an intent.
fn max_changes(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Change => MAX_CHANGES,
        Purpose::Restore | Purpose::Undo => MAX_RESTORED,
    }
}
