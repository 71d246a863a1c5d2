//! The invariants of questions to people: each is asked once, answered once, and by a person.

use vibesync_protocol::DaemonMessage;
use vibesync_scene::{
    ApprovalDecision, ApprovalKind, OperationId, Payload, RecordBody, Remember, SessionId,
};

use super::super::violation::{Check, must};
use super::super::world::World;
use super::sim_agents::Question;

/// Milliseconds in which a person may answer.
const APPROVAL_MS: u64 = 600_000;

impl World {
    /// Notes the question that an agent is told of.
    pub fn note_question(&mut self, session: SessionId, message: &DaemonMessage) {
        let (operation, approval) = match message {
            DaemonMessage::Ack {
                operation_id,
                approval: Some(approval),
                ..
            } => (*operation_id, approval.approval_id),
            DaemonMessage::CommandProgress(progress) => match progress.approval {
                Some(approval) => (OperationId(progress.request_id), approval.approval_id),
                None => return,
            },
            _ => return,
        };
        let Some(agent) = self.agents.of_session(session) else {
            return;
        };
        let question = Question {
            agent: agent.name.clone(),
            operation,
            at: self.now,
        };
        if self
            .agents
            .questions
            .insert(approval, question.clone())
            .is_none()
        {
            self.agents.order.push(approval);
            self.counts.one("questions of agents");
        } else if let Some(asked) = self.agents.questions.get_mut(&approval) {
            asked.at = asked.at.min(question.at);
        }
    }

    /// Checks the record of an answer.
    pub fn check_approval(&mut self, record: &RecordBody) -> Check {
        let Payload::Approval {
            approval_id,
            agent,
            kind,
            decision,
            remember,
            by,
            ..
        } = &record.payload
        else {
            return Ok(());
        };
        let earlier = self.ledger.records.iter();
        let mut earlier = earlier.filter(|it| match &it.payload {
            Payload::Approval {
                approval_id: id, ..
            } => id == approval_id,
            _ => false,
        });
        must(
            earlier.next().is_none(),
            "a question is answered once",
            || format!("{record:?}"),
        )?;
        let question = self.agents.questions.get(approval_id);
        let is_of_it = question
            .is_none_or(|it| it.agent == *agent && Some(it.operation) == record.operation_id);
        let said = self.agents.decided.get(approval_id);
        let has_said = |allow: bool| said.is_some_and(|said| said.contains(&allow));
        let is_person = by.is_some_and(|by| by.is_person());
        let is_sound = match decision {
            ApprovalDecision::Allowed => is_person && has_said(true),
            ApprovalDecision::Refused => is_person && has_said(false),
            ApprovalDecision::Expired => {
                by.is_none() && question.is_none_or(|it| self.now >= it.at + APPROVAL_MS)
            }
        };
        must(
            is_of_it && is_sound,
            "an answer is that of a person to this very question",
            || format!("{record:?} to {question:?}; people said {said:?}"),
        )?;
        self.count_answer(kind, *decision, *remember);
        Ok(())
    }

    fn count_answer(
        &mut self,
        kind: &ApprovalKind,
        decision: ApprovalDecision,
        remember: Option<Remember>,
    ) {
        self.counts.one(match (decision, remember) {
            (ApprovalDecision::Allowed, Some(Remember::Once)) => "questions allowed once",
            (ApprovalDecision::Allowed, Some(Remember::Session)) => {
                "questions allowed until a stop"
            }
            (ApprovalDecision::Allowed, _) => "questions allowed for good",
            (ApprovalDecision::Refused, _) => "questions refused",
            (ApprovalDecision::Expired, _) => "questions expired",
        });
        self.counts.one(match kind {
            ApprovalKind::Work => "answers about any change",
            ApprovalKind::Delete => "answers about deletions",
            ApprovalKind::Many => "answers about many changes",
            ApprovalKind::Restore => "answers about restores",
            ApprovalKind::Undo => "answers about undo",
            ApprovalKind::Call(_) => "answers about add-ons",
        });
    }
}
