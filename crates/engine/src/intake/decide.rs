//! The decision on an intent: it must wait, it is refused, or it is accepted. A decision changes nothing.

use vibesync_protocol::Intent;
use vibesync_scene::{Change, Invalid, Role, Scene, SessionId};

use crate::agents::guard;
use crate::calls::intent::judged_role;
use crate::delivery::replicas::Replicas;
use crate::intake::conflict::Sender;
use crate::intake::draft::Refusal;
use crate::intake::edit_activity::ActiveEdits;
use crate::intake::footprint::Footprint;
use crate::intake::pending_intents::{Covered, PendingIntents, WaitReason};
use crate::intake::validate::{Validated, validate};
use crate::session::sessions::Sessions;
use crate::transaction::open_transactions::OpenTransactions;

pub(crate) enum Decision {
    Wait(WaitReason),
    Refuse(Invalid),
    Accept(Validated),
}

/// The state that a decision depends on.
#[derive(Clone, Copy)]
pub(crate) struct DecisionInput<'a> {
    pub scene: &'a Scene,
    pub replicas: &'a Replicas,
    pub open: &'a OpenTransactions,
    pub pending: &'a PendingIntents,
    pub edits: &'a ActiveEdits,
    pub sessions: &'a Sessions,
}

impl DecisionInput<'_> {
    /// Decides on an intent that is behind the first `ahead` pending intents. A late intent no longer waits for an entity
    /// that does not exist. The editor has not seen what has `covered` the intent since.
    pub fn decide(
        &self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        covered: &Covered,
        ahead: usize,
        is_late: bool,
    ) -> Decision {
        if judged_role(origin, intent) == Role::Agent
            && let Err(invalid) = guard::check(self.scene, &intent.changes)
        {
            return Decision::Refuse(invalid);
        }
        if let Some(reason) = self.find_wait_reason(session, origin, intent, ahead) {
            return Decision::Wait(reason);
        }
        match self.validate(session, origin, intent, covered) {
            Err(Refusal::Missing(uuid, _)) if !is_late => {
                Decision::Wait(WaitReason::EntityCreated(uuid))
            }
            Err(Refusal::Missing(_, invalid) | Refusal::Invalid(invalid)) => {
                self.refuse_in_turn(session, intent, ahead, invalid)
            }
            Ok(validated) => Decision::Accept(validated),
        }
    }

    /// Validates an intent against the scene. The editor has not seen what has `covered` the intent since.
    pub fn validate(
        &self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        covered: &Covered,
    ) -> Result<Validated, Refusal> {
        let session_of_agent = self.sessions.get(session);
        let session_of_agent = session_of_agent.filter(|it| it.role == Role::Agent);
        let agent = session_of_agent.map(|it| (it.instance, &self.sessions.agent_changes));
        let replica = self.replicas.get(origin);
        let sender = Sender {
            role: origin,
            is_person: judged_role(origin, intent).is_person(),
            base_seq: intent.base_seq,
            replica,
            covered,
            common_end: replica.and_then(|replica| replica.common_end_if_sent_again(intent)),
            agent,
        };
        validate(self.scene, &sender, intent)
    }

    /// Refuses an intent, unless an earlier one of the same session may remove the reason.
    fn refuse_in_turn(
        &self,
        session: SessionId,
        intent: &Intent,
        ahead: usize,
        invalid: Invalid,
    ) -> Decision {
        let footprint = (ahead > 0).then(|| Footprint::new(self.scene, intent));
        let influence =
            footprint.and_then(|footprint| self.pending.find_influence(ahead, session, &footprint));
        match influence {
            Some(id) => Decision::Wait(WaitReason::IntentDecided(id)),
            None => Decision::Refuse(invalid),
        }
    }

    /// Returns the event that an intent behind the first `ahead` pending ones has to wait for.
    pub fn find_wait_reason(
        &self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        ahead: usize,
    ) -> Option<WaitReason> {
        // Intents seldom wait; else the footprint is not needed.
        if ahead > 0 {
            let footprint = Footprint::new(self.scene, intent);
            let predecessor = self.pending.find_predecessor(ahead, session, &footprint);
            if let Some(id) = predecessor {
                return Some(WaitReason::IntentDecided(id));
            }
        }
        if !judged_role(origin, intent).is_person()
            && let Some(session) = self.edits.blocking_session(self.scene, intent)
        {
            let epoch = self.edits.release_epoch();
            return Some(WaitReason::EditEnded { session, epoch });
        }
        let uuids = intent.changes.iter().map(Change::uuid);
        let is_deferring = |role| self.replicas.is_deferring(role);
        let mut blockers =
            uuids.filter_map(|uuid| self.open.find_blocker(uuid, origin, is_deferring));
        blockers.next().map(WaitReason::TransactionVerified)
    }

    /// Returns true if the event has happened that an intent of this session waits for.
    pub fn is_over(&self, session: SessionId, reason: WaitReason) -> bool {
        match reason {
            WaitReason::EntityCreated(uuid) => self.scene.row(uuid).is_some(),
            WaitReason::IntentDecided(id) => !self.pending.contains(session, id),
            WaitReason::TransactionVerified(begin) => {
                let is_deferring = |role| self.replicas.is_deferring(role);
                !self.open.is_blocking(begin, is_deferring)
            }
            WaitReason::EditEnded { epoch, .. } => self.edits.release_epoch() != epoch,
        }
    }
}
