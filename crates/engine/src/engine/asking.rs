//! The sequences for calls that people decide about: ask, allow, refuse, forbid.

use uuid::Uuid;
use vibesync_protocol::{AddonCommand, Code, CommandProgress, CommandState, DaemonMessage};
use vibesync_scene::{ApprovalKind, Call, OperationId, Remember, Role, SessionId};

use super::Engine;
use crate::agents::approvals::{Approval, Ask};
use crate::agents::question;
use crate::calls::admit::{Refused, content_digest, request_digest};
use crate::calls::asking::{AskingCall, details, offer};
use crate::calls::dispatch;
use crate::calls::finish::Ending;
use crate::calls::intent;
use crate::calls::open::{Asker, Stage};
use crate::capabilities::grants::{grant, grant_temporary};

impl Engine {
    /// Asks a person about a call. The content that the person sees is what is allowed.
    pub(super) fn ask_about_call(
        &mut self,
        asker: Asker,
        request_id: Uuid,
        command: &AddonCommand,
        refused: Refused,
    ) {
        let agent = self.sessions.agent_name(asker.session);
        let entry = self.registry.find(&command.addon_id);
        let offered = entry.filter(|it| !it.is_allowed());
        let offered = offered.map(offer);
        let (Some(entry), false) = (entry, matches!(offered, Some(None))) else {
            return self.refuse_command(asker, request_id, command, refused);
        };
        let kind = ApprovalKind::Call(entry.id.clone());
        let (now, seq) = (self.journal.now(), self.journal.head_seq());
        let offer = offered.flatten();
        let content = offer
            .iter()
            .map(|it| format!("{}{}", it.manifest_sha256, it.code_sha256));
        let ask = Ask {
            sentence: question::sentence(&agent, &kind, &[], ""),
            agent,
            session: asker.session,
            operation: OperationId(request_id),
            kind,
            digest: content.fold(content_digest(command), |digest, it| digest + &it),
            details: details(entry, &command.command),
            seq,
        };
        let Ok(approval) = self.agents.approvals.ask(ask, now).cloned() else {
            let message = "too many questions wait for a person";
            let full = Refused::new(Code::BudgetUsedUp, "", message);
            return self.refuse_command(asker, request_id, command, *full);
        };
        let asking = AskingCall {
            asker,
            request_id,
            command: command.clone(),
            digest: request_digest(&self.sessions.agent_name(asker.session), command),
            offer,
        };
        self.calls.asking.put(approval.id, asking);
        self.report_asking(asker, request_id, &approval);
    }

    /// Answers a request under an id that waits for a person already. Returns false if none does.
    pub(super) fn repeat_asking(
        &mut self,
        asker: Asker,
        request_id: Uuid,
        command: &AddonCommand,
    ) -> bool {
        let agent = self.sessions.agent_name(asker.session);
        let digest = request_digest(&agent, command);
        let Some((id, asking)) = self.calls.asking.find(request_id) else {
            return false;
        };
        if asking.digest != digest {
            self.refuse_reused_request(asker, request_id, command);
            return true;
        }
        asking.asker = asker;
        self.agents.approvals.move_to(id, asker.session);
        if let Some(approval) = self.agents.approvals.get(id).cloned() {
            self.report_asking(asker, request_id, &approval);
        }
        true
    }

    fn report_asking(&mut self, asker: Asker, request_id: Uuid, approval: &Approval) {
        let now = self.journal.now();
        let progress = CommandProgress {
            request_id,
            state: CommandState::Waiting,
            message: "a person has to allow it, in an editor or with `vibesync agents`".into(),
            elapsed_ms: 0,
            approval: Some(approval.awaited(now)),
        };
        self.journal
            .send(asker.session, DaemonMessage::CommandProgress(progress));
    }

    /// Carries out a person's consent to a call. Returns false if the question was not about a call.
    pub(super) fn allow_call(
        &mut self,
        session: SessionId,
        approval: &Approval,
        (by, who): (Role, &str),
        remember: Remember,
    ) -> bool {
        let Some(asking) = self.calls.asking.take(approval.id) else {
            return false;
        };
        let mut granted = Ok(());
        let mut before = None;
        if let Some(mut offer) = asking.offer {
            offer.who = who.to_owned();
            before = Some(self.registry.temporary.clone());
            let (journal, registry) = (&mut self.journal, &mut self.registry);
            granted = match remember {
                Remember::Project => grant(journal, registry, session, by, offer).map(drop),
                Remember::Once | Remember::Session => {
                    grant_temporary(registry, journal.head_seq(), by, offer)
                }
            };
            self.refresh_registry();
        }
        match granted {
            Ok(()) => self.decide_call(asking.asker, asking.request_id, &asking.command, true),
            Err(error) => {
                let refused = Refused::new(error.code, &error.location, error.message);
                self.refuse_command(asking.asker, asking.request_id, &asking.command, *refused);
            }
        }
        // Earlier permissions stay as they were.
        if let Some(before) = before.filter(|_| remember == Remember::Once) {
            self.registry.temporary = before;
            self.refresh_registry();
        }
        true
    }

    /// Refuses a call that a person did not allow.
    pub(super) fn refuse_asking(&mut self, approval: &Approval, code: Code, message: &str) {
        if let Some(asking) = self.calls.asking.take(approval.id) {
            let refused = Refused::new(code, "", message);
            self.refuse_command(asking.asker, asking.request_id, &asking.command, *refused);
        }
    }

    /// Ends calls that a person forbids. A tool that runs cannot be stopped: its changes and its result are refused.
    pub(super) fn forbid_calls(&mut self, is_forbidden: impl Fn(&Call) -> bool) {
        for request_id in self.calls.waiting(&is_forbidden) {
            let message = "a person has forbidden the call before it began";
            let ending = Ending::without_answer(Code::PersonRefused, message, false);
            self.end_call(request_id, ending);
        }
        for request_id in self.calls.unsettled(is_forbidden) {
            self.forbid_running(request_id);
        }
    }

    /// Forbids a call whose tool runs, and tells the agent and the editor. Changes that wait are refused at once.
    fn forbid_running(&mut self, request_id: Uuid) {
        let Some(open) = self.calls.get_mut(request_id) else {
            return;
        };
        open.is_forbidden = true;
        let forbidden = intent::forbidden();
        dispatch::report(&mut self.journal, open, forbidden.message.clone());
        if let Stage::Sent(editor) = open.stage {
            let cancel = DaemonMessage::CommandCancel { request_id };
            self.journal.send(editor, cancel);
        }
        self.drop_pending_intent(request_id, forbidden);
        self.end_if_answered(request_id);
    }

    /// Decides again on a call whose question was closed without an answer.
    pub(super) fn reconsider_call(&mut self, approval: &Approval) {
        if let Some(asking) = self.calls.asking.take(approval.id) {
            self.decide_call(asking.asker, asking.request_id, &asking.command, false);
        }
    }
}
