//! The sequences for calls: ask, send, change, answer, end.

use uuid::Uuid;
use vibesync_protocol::{
    AckStatus, AddonCommand, Code, CommandProgress, CommandResponse, CommandState, DaemonMessage,
};
use vibesync_scene::{CallEnd, Invalid, Role, SessionId, truncate_text};

use super::Engine;
use crate::calls::admit::{Admission, Admitted, Refused, content_digest, request_digest};
use crate::calls::answers::{self, checked, refusal};
use crate::calls::budget;
use crate::calls::dispatch::{self, DEFERRED_MS, GRACE_MS};
use crate::calls::finish::Ending;
use crate::calls::intent;
use crate::calls::open::{Asker, CallIntent, OpenCall, Stage, identify};
use crate::calls::state::{Known, Suspect};
use crate::governance::failure::Failure;
use crate::journal::AnsweredCall;
use crate::refusals::Refusal;

impl Engine {
    /// Admits, refuses or repeats a call of an agent.
    pub(super) fn receive_command(
        &mut self,
        session: SessionId,
        role: Role,
        command: &AddonCommand,
    ) {
        let (asker, request_id) = match identify(session, role, command) {
            Ok(identified) => identified,
            Err(invalid) => {
                let (code, message) = (invalid.code, &invalid.message);
                return self
                    .journal
                    .send_error(session, code, message, &invalid.location);
            }
        };
        let agent = self.sessions.agent_name(session);
        let digest = request_digest(&agent, command);
        let head = self.journal.head_seq();
        match self.calls.find(request_id, head) {
            Known::Open(open) if open.call.digest == digest => {
                open.asker = Some(asker);
                return dispatch::report(&mut self.journal, open, String::new());
            }
            Known::Ended(known, answer) if known == digest => {
                return answers::send(&mut self.journal, asker, request_id, *answer);
            }
            Known::Open(_) | Known::Ended(..) => {
                return self.refuse_reused_request(asker, request_id, command);
            }
            Known::Unknown => {}
        }
        if !self.repeat_asking(asker, request_id, command) {
            self.decide_call(asker, request_id, command, false);
        }
    }

    /// Refuses a request under an id that was used for other content, or by another agent. The agent cannot tell which.
    pub(super) fn refuse_reused_request(
        &mut self,
        asker: Asker,
        request_id: Uuid,
        command: &AddonCommand,
    ) {
        let message = "this request id was used for another call";
        let reused = Refused::new(Code::OperationReused, "request_id", message);
        self.refuse_command(asker, request_id, command, *reused);
    }

    /// Begins a call, refuses it, or lets it wait for a person. `is_approved`: a person has allowed exactly this call.
    pub(super) fn decide_call(
        &mut self,
        asker: Asker,
        request_id: Uuid,
        command: &AddonCommand,
        is_approved: bool,
    ) {
        let head = self.journal.head_seq();
        match self.admit_call(asker.session, request_id, command, is_approved) {
            Err(refused) if refused.is_askable && !command.dry_run && !is_approved => {
                self.ask_about_call(asker, request_id, command, *refused);
            }
            Err(refused) => self.refuse_command(asker, request_id, command, *refused),
            Ok(_) if command.dry_run => {
                let answer = checked(&command.addon_id, &command.command, head);
                answers::send(&mut self.journal, asker, request_id, answer);
            }
            Ok(admitted) => self.begin_call(asker, admitted),
        }
    }

    fn admit_call(
        &mut self,
        session: SessionId,
        request_id: Uuid,
        command: &AddonCommand,
        is_approved: bool,
    ) -> Result<Admitted, Box<Refused>> {
        let agent = self.sessions.agent_name(session);
        let admission = Admission {
            registry: &self.registry,
            scene: &self.scene,
            failures: self.journal.failures(),
            access: self.agents.access(self.journal.agents(), &agent),
            is_approved,
        };
        let admitted = admission.decide(&agent, request_id, command)?;
        let under_way = self.calls.under_way(&agent);
        let now = self.journal.now();
        let checked = budget::check(&self.calls.begun, &agent, under_way, now);
        checked.map_err(Refused::invalid)?;
        Ok(admitted)
    }

    /// Refuses a call: logs it, and tells the agent all reasons.
    pub(super) fn refuse_command(
        &mut self,
        asker: Asker,
        request_id: Uuid,
        command: &AddonCommand,
        mut refused: Refused,
    ) {
        let label = format!("{}.{}", command.addon_id, command.command);
        let decision = refused.decision.take();
        let agent = self.sessions.agent_name(asker.session);
        let refusal_of_call = Refusal::of_call(asker.session, agent, label, &refused.error);
        let consult = decision.map(|it| refusal_of_call.consult(content_digest(command), it));
        self.journal.log_refusal(refusal_of_call, consult);
        let head = self.journal.head_seq();
        let answer = refusal(&command.addon_id, &command.command, refused, head);
        answers::send(&mut self.journal, asker, request_id, answer);
    }

    /// Logs an admitted call. It is sent at the end of the step, or when its editor is free.
    fn begin_call(&mut self, asker: Asker, admitted: Admitted) {
        let Admitted {
            call,
            params,
            resolved,
            is_read_only,
        } = admitted;
        let now = self.journal.now();
        self.calls.begun.take(&call.agent, now);
        let begin = self
            .calls
            .append_begin(&mut self.journal, asker.session, call.clone());
        let open = OpenCall {
            begin,
            asker: Some(asker),
            params,
            resolved,
            is_read_only,
            stage: Stage::Waiting,
            intent: CallIntent::None,
            response: None,
            state: CommandState::Waiting,
            is_cancelled: false,
            is_forbidden: false,
            has_begun: false,
            admitted_at: now,
            ends_at: now + call.deadline_ms + GRACE_MS,
            call,
        };
        dispatch::report(&mut self.journal, &open, String::new());
        self.calls.insert(open);
    }

    /// Sends the calls that need not wait any longer.
    pub(super) fn send_calls(&mut self) {
        while !self.calls.is_empty() {
            let replicas = &self.delivery.replicas;
            let session_of = |role| replicas.get(role).map(|replica| replica.session);
            let next = dispatch::next(&self.calls, &self.intake.edits, &self.scene, session_of);
            let Some((request_id, session)) = next else {
                return;
            };
            if let Some(open) = self.calls.get_mut(request_id) {
                dispatch::send(&mut self.journal, open, session);
            }
        }
    }

    /// Passes an editor's news of a call on to the agent.
    pub(super) fn receive_progress(&mut self, session: SessionId, progress: CommandProgress) {
        let now = self.journal.now();
        let open = self.calls.get_mut(progress.request_id);
        let Some(open) = open.filter(|open| open.is_at(session)) else {
            return;
        };
        open.state = progress.state;
        match progress.state {
            // The deadline counts once for the wait in the editor, and once for the run of the tool.
            CommandState::Running if !open.has_begun => {
                open.has_begun = true;
                open.ends_at = now + open.call.deadline_ms + GRACE_MS;
            }
            CommandState::Waiting | CommandState::Running => {}
            CommandState::Deferred => open.ends_at = open.admitted_at + DEFERRED_MS + GRACE_MS,
        }
        dispatch::report(&mut self.journal, open, truncate_text(progress.message));
    }

    /// Ends a call with the editor's answer, or keeps the answer until the changes of the call are decided.
    pub(super) fn receive_response(&mut self, session: SessionId, response: CommandResponse) {
        let request_id = response.request_id;
        let open = self.calls.get_mut(request_id);
        let Some(open) = open.filter(|open| open.is_at(session)) else {
            return self.end_unknown(session, &response);
        };
        if matches!(open.intent, CallIntent::Pending(..)) {
            open.response = Some(response);
            return;
        }
        let ending = Ending::answered(open, response);
        self.end_call(request_id, ending);
    }

    /// Tells an editor to keep or take back what a call did that is over for the daemon.
    fn end_unknown(&mut self, session: SessionId, response: &CommandResponse) {
        let operation = response.operation_id;
        let is_known = |operation| self.transactions.operation(operation).is_some();
        let keep = operation.is_none_or(is_known);
        let request_id = response.request_id;
        self.journal
            .send(session, DaemonMessage::CommandEnd { request_id, keep });
    }

    /// Takes the answers to the intents of calls, and ends the calls that waited for them.
    pub(super) fn settle_call_intents(&mut self) {
        for answered in self.journal.take_call_answers() {
            let request_id = answered.request_id;
            self.settle_call_intent(answered);
            self.end_if_answered(request_id);
        }
    }

    /// Ends a call whose answer waited for the decision on its changes.
    pub(super) fn end_if_answered(&mut self, request_id: Uuid) {
        let open = self.calls.get_mut(request_id);
        let ready = open.and_then(|open| {
            let response = open.response.take()?;
            Some(Ending::answered(open, response))
        });
        if let Some(ending) = ready {
            self.end_call(request_id, ending);
        }
    }

    /// Takes the answer to the intent of a call. If the call is over, tells the editor to keep or take back what it did.
    fn settle_call_intent(&mut self, answered: AnsweredCall) {
        let request_id = answered.request_id;
        match self.calls.get_mut(request_id) {
            Some(open) => intent::settle(open, answered),
            None => {
                let keep = answered.status != AckStatus::Refused;
                let end = DaemonMessage::CommandEnd { request_id, keep };
                self.journal.send(answered.session, end);
            }
        }
    }

    /// Ends the calls whose time is over.
    pub(super) fn end_late_calls(&mut self) {
        for request_id in self.calls.late(self.journal.now()) {
            let stage = self.calls.get(request_id).map(|open| open.stage);
            let ending = match stage {
                Some(Stage::Sent(_)) => {
                    let message = "the tool did not answer in time; it may still be running";
                    Ending::without_answer(Code::HandlerLate, message, true)
                }
                _ => {
                    let message = "the editor was busy with other calls or a person for too long";
                    Ending::without_answer(Code::EditorUnable, message, false)
                }
            };
            self.end_call(request_id, ending);
        }
    }

    /// Ends the calls of an editor that is gone.
    pub(super) fn end_calls_of_editor(
        &mut self,
        role: Role,
        session: SessionId,
        instance: vibesync_scene::InstanceId,
        is_goodbye: bool,
    ) {
        for request_id in self.calls.of_editor(role, session) {
            let Some(open) = self.calls.get(request_id) else {
                continue;
            };
            let ending = match open.stage {
                Stage::Sent(_) => {
                    if !is_goodbye {
                        let call = open.call.clone();
                        self.calls.suspects.insert(role, Suspect { instance, call });
                    }
                    let message =
                        "the editor was lost in the call: it is unknown whether the tool ran";
                    Ending::without_answer(Code::HandlerLate, message, false)
                }
                Stage::Waiting => {
                    let message = "the editor was closed before the call began";
                    Ending::without_answer(Code::EditorUnable, message, false)
                }
            };
            self.end_call(request_id, ending);
        }
    }

    /// Notes that an editor has connected: its add-ons may be called.
    pub(super) fn note_editor(
        &mut self,
        session: SessionId,
        role: Role,
        instance: vibesync_scene::InstanceId,
    ) {
        self.suspect_call(session, role, instance);
        self.refresh_registry();
    }

    /// Counts a crash of an editor that returns as another process: the call that it ran is suspected.
    fn suspect_call(
        &mut self,
        session: SessionId,
        role: Role,
        instance: vibesync_scene::InstanceId,
    ) {
        let Some(suspect) = self.calls.suspects.remove(&role) else {
            return;
        };
        if suspect.instance != instance {
            let detail = "the editor ended while the tool ran";
            let failure =
                Failure::of_call(Some(session), &suspect.call, Code::EditorCrashed, detail);
            self.count(&failure);
        }
    }

    /// Ends a call that waits, or asks its editor to end it. Only the agent that began it may do that.
    pub(super) fn cancel_command(&mut self, session: SessionId, request_id: Uuid) {
        let agent = self.sessions.agent_name(session);
        let is_agent = self.sessions.role(session) == Some(Role::Agent);
        let open = self.calls.get_mut(request_id);
        let Some(open) = open.filter(|open| is_agent && open.call.agent == agent) else {
            let message = "no such call of this agent is under way";
            let code = Code::MessageUnknown;
            return self
                .journal
                .send_error(session, code, message, "request_id");
        };
        open.is_cancelled = true;
        match open.stage {
            Stage::Waiting => self.end_call(request_id, Ending::cancelled()),
            Stage::Sent(editor) => self
                .journal
                .send(editor, DaemonMessage::CommandCancel { request_id }),
        }
    }

    /// Logs the end of a call, counts a failure of its tool, and tells editor and agent.
    pub(super) fn end_call(&mut self, request_id: Uuid, ending: Ending) {
        let message = "the call is over before its changes could be made";
        let over = Invalid::new(Code::HandlerLate, "request_id", message);
        self.drop_pending_intent(request_id, over);
        let Some(open) = self.calls.remove(request_id) else {
            return;
        };
        let editor = match open.stage {
            Stage::Sent(session) => Some(session),
            Stage::Waiting => None,
        };
        let (operation, changes) = open.kept_changes();
        let code = ending.error.as_ref().map(|error| error.code);
        let response = ending.response.as_ref();
        let end = CallEnd {
            request_id,
            begin: open.begin,
            addon_id: open.call.addon_id.clone(),
            tool: open.call.tool.clone(),
            status: ending.status,
            digest: ending.digest.clone(),
            taken_back: response.is_some_and(|response| response.taken_back),
            detail: ending.detail.clone(),
        };
        let journal = &mut self.journal;
        let seq = self.calls.append_end(journal, editor, operation, code, end);
        if let Some(code) = code.filter(|_| ending.is_counted) {
            let failure = Failure::of_call(editor, &open.call, code, &ending.detail);
            self.count(&failure);
        }
        if let Some(session) = editor.filter(|session| self.sessions.is_connected(*session)) {
            let keep = open.is_kept(response.is_some());
            self.journal
                .send(session, DaemonMessage::CommandEnd { request_id, keep });
        }
        let answer = vibesync_protocol::CommandAnswer {
            operation_id: operation,
            changes,
            ..answers::ended(&open, response, ending.result, ending.error, seq)
        };
        self.calls.kept.put(request_id, answer.clone());
        if let Some(asker) = open.asker {
            answers::send(&mut self.journal, asker, request_id, answer);
        }
        self.refresh_registry();
    }

    /// Refuses the intent of a call that ends, or is forbidden, before the intent is decided.
    pub(super) fn drop_pending_intent(&mut self, request_id: Uuid, reason: Invalid) {
        let Some(open) = self.calls.get(request_id) else {
            return;
        };
        let (CallIntent::Pending(operation, _), Stage::Sent(session)) = (&open.intent, open.stage)
        else {
            return;
        };
        let Some(deferred) = self.intake.pending.take(session, *operation) else {
            return;
        };
        self.answers().refuse(session, &deferred.intent, reason);
        for answered in self.journal.take_call_answers() {
            self.settle_call_intent(answered);
        }
    }
}
