//! The sequences for looks and selections: ask, send, answer, end.

use vibesync_protocol::{
    ClientMessage, Code, ErrorBody, MAX_SELECTED, SelectRequest, SelectResult, ViewRequest,
    ViewResult,
};
use vibesync_scene::{
    Invalid, KeptEntities, Outcome, Payload, Phase, RecordBody, Role, SessionId, Viewed,
    truncate_text,
};

use super::Engine;
use crate::refusals::Refusal;
use crate::views::admit::{Admission, check_kept};
use crate::views::answers;
use crate::views::picture;
use crate::views::state::{OpenRequest, Request, Wish};

impl Engine {
    /// Handles a message about an editor's window.
    pub(super) fn handle_view_message(
        &mut self,
        session: SessionId,
        role: Role,
        message: ClientMessage,
    ) {
        match message {
            ClientMessage::View(request) => {
                let ViewRequest {
                    request_id: id,
                    editor,
                    look,
                    frame,
                    size,
                } = request;
                let wish = Wish::View { look, frame, size };
                let may_ask = !role.is_editor();
                self.receive_view(session, may_ask, Request { id, editor, wish });
            }
            ClientMessage::Select(request) => {
                let SelectRequest {
                    request_id: id,
                    editor,
                    uuids,
                } = request;
                let wish = Wish::Select { uuids };
                let may_ask = role == Role::Agent;
                self.receive_view(session, may_ask, Request { id, editor, wish });
            }
            ClientMessage::ViewResult(result) => self.receive_picture(session, result),
            ClientMessage::SelectResult(result) => self.receive_selection(session, result),
            _ => {}
        }
    }

    /// Admits or refuses a request.
    fn receive_view(&mut self, session: SessionId, may_ask: bool, request: Request) {
        if !may_ask {
            let message = "this kind of client neither looks nor selects";
            return self
                .journal
                .send_error(session, Code::MessageUnknown, message, "type");
        }
        let agent = self.sessions.agent(session).cloned();
        let history = self.journal.agents();
        let access = agent
            .as_ref()
            .map(|agent| self.agents.access(history, agent));
        let editor = self.session_of_editor(request.editor);
        let now = self.journal.now();
        let admission = Admission {
            scene: &self.scene,
            views: &self.views,
            access,
            editor,
            is_able: editor.is_some_and(|session| self.sessions.accepts_views(session)),
            now,
        };
        if let Err(invalid) = admission.decide(&request) {
            return self.refuse_view(session, &request, invalid);
        }
        if let Some(agent) = &agent {
            let budget = match request.wish {
                Wish::View { .. } => &mut self.views.pictures,
                Wish::Select { .. } => &mut self.views.selections,
            };
            budget.take(agent, now);
        }
        self.views.admit(request, session, agent, now);
    }

    /// Refuses a request: logs it if an agent asked, and tells the client the reason.
    fn refuse_view(&mut self, session: SessionId, request: &Request, invalid: Invalid) {
        let error = answers::error(invalid);
        if let Some(agent) = self.sessions.agent(session).cloned() {
            let label = format!("{} {}", request.wish.name(), request.editor.as_str());
            let refusal = Refusal::of_call(session, agent, label, &error);
            self.journal.log_refusal(refusal, None);
        }
        let answer = answers::failed(request, error, self.journal.head_seq());
        self.journal.send(session, answer);
    }

    fn session_of_editor(&self, editor: Role) -> Option<SessionId> {
        let replica = self.delivery.replicas.get(editor);
        replica.map(|replica| replica.session)
    }

    /// Ends the requests whose time is over, and sends those whose editor is free.
    pub(super) fn work_on_views(&mut self) {
        for open in self.views.take_late(self.journal.now()) {
            self.fail_view(&open, answers::late());
        }
        for editor in Role::EDITORS {
            let Some(session) = self.session_of_editor(editor) else {
                continue;
            };
            if let Some(message) = self.views.next(editor, session, self.journal.now()) {
                self.journal.send(session, message);
            }
        }
    }

    /// Checks an editor's picture, logs who gets it, and passes it on. A late one is dropped.
    fn receive_picture(&mut self, session: SessionId, result: ViewResult) {
        let Some(open) = self.views.take_answered(result.request_id, session) else {
            return;
        };
        let Wish::View { look, frame, size } = &open.request.wish else {
            return self.end_mismatched(&open);
        };
        let mut result = result;
        if let Some(error) = result.error.take() {
            return self.fail_view(&open, answers::editor_error(error));
        }
        let checked = picture::check(&mut result, *size);
        // A person may have shown or kept something since the request.
        let editor = open.request.editor;
        let checked = checked.and_then(|picture| match open.agent {
            Some(_) => check_kept(&self.scene, editor).map(|()| picture),
            None => Ok(picture),
        });
        let Some(asker) = open.asker else {
            return;
        };
        let picture = match checked {
            Ok(picture) => picture,
            Err(invalid) => return self.refuse_view(asker, &open.request, invalid),
        };
        result.camera = truncate_text(result.camera);
        let seq = self.journal.append(RecordBody {
            session_id: Some(asker),
            operation_id: None,
            uuids: frame.clone(),
            phase: Phase::View,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::View(Viewed {
                agent: open.agent.clone(),
                editor,
                look: *look,
                camera: result.camera.clone(),
                width: result.width,
                height: result.height,
            }),
        });
        let answer = answers::viewed(editor, result, Some(picture), seq);
        self.journal.send(asker, answer);
    }

    /// Passes the selection that an editor has read back on to the agent. A late one is dropped.
    fn receive_selection(&mut self, session: SessionId, result: SelectResult) {
        let Some(open) = self.views.take_answered(result.request_id, session) else {
            return;
        };
        if !matches!(open.request.wish, Wish::Select { .. }) {
            return self.end_mismatched(&open);
        }
        let mut result = result;
        if let Some(error) = result.error.take() {
            return self.fail_view(&open, answers::editor_error(error));
        }
        let kept = KeptEntities::new(&self.scene);
        result.selected.retain(|uuid| !kept.contains(*uuid));
        result.selected.truncate(MAX_SELECTED);
        if let Some(asker) = open.asker {
            let seq = self.journal.head_seq();
            let answer = answers::selected(open.request.editor, result, seq);
            self.journal.send(asker, answer);
        }
    }

    /// Ends a request that was answered with the result of another kind of request.
    fn end_mismatched(&mut self, open: &OpenRequest) {
        let message = "the editor answered another question";
        let invalid = Invalid::new(Code::ResultUnusable, "type", message);
        self.fail_view(open, answers::error(invalid));
    }

    /// Answers a request without a result.
    fn fail_view(&mut self, open: &OpenRequest, error: ErrorBody) {
        if let Some(asker) = open.asker {
            let answer = answers::failed(&open.request, error, self.journal.head_seq());
            self.journal.send(asker, answer);
        }
    }

    /// Ends the requests of an editor that is gone.
    pub(super) fn end_views_of_editor(&mut self, editor: Role) {
        for open in self.views.take_editor(editor) {
            self.fail_view(&open, answers::gone());
        }
    }
}
