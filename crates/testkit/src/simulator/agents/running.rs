//! The calls that an editor has, step by step.

use serde_json::json;
use vibesync_engine::Input;
use vibesync_protocol::{
    ClientMessage, CommandProgress, CommandResponse, CommandState, DaemonMessage, EditorCommand,
};
use vibesync_scene::{AgentMode, Change, Code, OperationId, Payload, Role, SessionId, Uuid};

use super::super::violation::{Check, must};
use super::super::world::World;
use super::plan::ToolStep;
use super::rights::Rights;
use crate::fakes::addons::success;
use crate::fakes::change::object;
use crate::fakes::edit::Edit;

impl World {
    /// Lets the editor take note of a message about a call. Returns its answer.
    pub fn tools_hear(&mut self, role: Role, message: &DaemonMessage) -> Option<ClientMessage> {
        let tools = self.agents.tools.get_mut(&role)?;
        match message {
            DaemonMessage::AddonCommand(command) => tools.running.push((command.clone(), None)),
            DaemonMessage::CommandEnd { request_id, .. } => {
                tools.running.retain(|(it, _)| it.request_id != *request_id);
            }
            DaemonMessage::CommandCancel { request_id } => {
                let is_meant = |it: &(EditorCommand, Option<OperationId>)| {
                    it.0.request_id == *request_id && it.1.is_none()
                };
                let at = tools.running.iter().position(is_meant)?;
                let (command, _) = tools.running.remove(at);
                return Some(ClientMessage::CommandResponse(failure(&command)));
            }
            _ => {}
        }
        None
    }

    /// Checks that a call which goes to its editor is still allowed.
    pub fn check_dispatch(&mut self, message: &DaemonMessage) -> Check {
        let DaemonMessage::AddonCommand(command) = message else {
            return Ok(());
        };
        self.counts.one("calls sent to an editor");
        let open = self.ledger.state().calls.open();
        let mut open = open.filter(|it| it.call.request_id == command.request_id);
        let Some(open) = open.next() else {
            return must(
                false,
                "a call is on record before its editor hears of it",
                || format!("{command:?}"),
            );
        };
        let later = self.ledger.records.iter().skip(open.begin as usize);
        let mut later = later.map(|record| &record.payload);
        let is_end = |it: &Payload| match it {
            Payload::Revocation(revoked) => revoked.addon_id == command.addon_id,
            _ => false,
        };
        let is_revoked = later.any(is_end);
        let options = &self.plan.options.agents;
        let rights = Rights::of(&self.ledger.records, options, &open.call.agent);
        must(
            !is_revoked && !matches!(rights.mode, AgentMode::Read | AgentMode::Off),
            "no editor hears of a call that a person has forbidden since",
            || format!("{command:?}, revoked: {is_revoked}, {rights:?}"),
        )
    }

    /// Lets the editor go on with its oldest call.
    pub fn run_tool(&mut self, role: Role, step: ToolStep, edit: Edit) {
        let (Some(end), Some(tools)) = (self.ends.get(&role), self.agents.tools.get(&role)) else {
            return;
        };
        let Some((command, operation)) = tools.running.first().cloned() else {
            return;
        };
        let step = match (step, operation) {
            // The changes of the tool stand: it cannot fail any more.
            (ToolStep::Fail, Some(_)) => ToolStep::End,
            (step, _) => step,
        };
        let id = command.request_id;
        let is_over = !matches!(step, ToolStep::Run | ToolStep::Change | ToolStep::Defer);
        let mut messages = Vec::new();
        let mut made = operation;
        if matches!(step, ToolStep::ChangeAndEnd | ToolStep::Change) {
            let mut changes = edit.changes(&end.person.editor.entities);
            if matches!(edit, Edit::Create(_)) || changes.is_empty() {
                changes = vec![object(self.id(), "Stone", None)];
            }
            if !self.are_new(&changes) {
                return;
            }
            let operation = OperationId(self.id());
            made = made.or(Some(operation));
            messages.extend(self.change_by_tool(role, id, operation, changes));
        }
        messages.extend(match step {
            ToolStep::Run => Some(progress(id, CommandState::Running)),
            ToolStep::Defer => Some(progress(id, CommandState::Deferred)),
            ToolStep::Change => None,
            ToolStep::End | ToolStep::ChangeAndEnd => {
                Some(ClientMessage::CommandResponse(success(&command, made)))
            }
            ToolStep::Fail => Some(ClientMessage::CommandResponse(failure(&command))),
            ToolStep::Confuse => {
                let mut answer = success(&command, made);
                answer.command = "count_stones".into();
                Some(ClientMessage::CommandResponse(answer))
            }
        });
        self.counts.one("steps of tools");
        self.end_step(role, is_over, made, messages);
    }

    fn end_step(
        &mut self,
        role: Role,
        is_over: bool,
        made: Option<OperationId>,
        messages: Vec<ClientMessage>,
    ) {
        if let Some(tools) = self.agents.tools.get_mut(&role) {
            match is_over {
                true => drop(tools.running.remove(0)),
                false => tools.running.iter_mut().take(1).for_each(|it| it.1 = made),
            }
        }
        if let Some(end) = self.ends.get_mut(&role).filter(|end| end.session.is_some()) {
            end.to_daemon.extend(messages);
        }
    }

    fn change_by_tool(
        &mut self,
        role: Role,
        call: Uuid,
        operation: OperationId,
        changes: Vec<Change>,
    ) -> Option<ClientMessage> {
        let created = changes.iter().filter_map(|change| match change {
            Change::Create { uuid, .. } => Some(*uuid),
            _ => None,
        });
        let created: Vec<Uuid> = created.collect();
        let tools = self.agents.tools.get_mut(&role)?;
        tools.made.entry(call).or_default().extend(created);
        let end = self.ends.get_mut(&role)?;
        end.person.editor.run_tool(operation, changes, call)
    }

    /// Ends the tools of an editor that has crashed.
    pub fn crash_tools(&mut self, role: Role) {
        if let Some(tools) = self.agents.tools.get_mut(&role) {
            tools.running.clear();
        }
    }

    /// Changes the files of the editor's add-on.
    pub fn change_addon(&mut self, role: Role) {
        let Some(tools) = self.agents.tools.get_mut(&role) else {
            return;
        };
        tools.addon.code.push('.');
        if let Some(end) = self.ends.get_mut(&role).filter(|end| end.session.is_some()) {
            end.to_daemon.push_back(tools.list());
        }
    }

    /// Delivers one message of a client at once.
    pub fn say_now(&mut self, session: SessionId, message: ClientMessage) -> Check {
        let message = Box::new(message);
        self.decide(Input::Message { session, message })?;
        self.finish()
    }
}

fn progress(request_id: Uuid, state: CommandState) -> ClientMessage {
    ClientMessage::CommandProgress(CommandProgress {
        request_id,
        state,
        message: String::new(),
        elapsed_ms: 0,
        approval: None,
    })
}

fn failure(command: &EditorCommand) -> CommandResponse {
    CommandResponse {
        result: json!({"status": "error", "message": "broken", "data": {}}),
        code: Some(Code::HandlerFailed),
        ..success(command, None)
    }
}
