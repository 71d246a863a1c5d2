//! The invariants of calls: each has one end and one answer, and a failed one leaves no change.

use vibesync_protocol::{AckStatus, CommandAnswer, DaemonMessage};
use vibesync_scene::{
    AgentMode, AgentName, ApprovalKind, Call, CallEnd, Code, OperationId, Payload, Phase,
    RecordBody, Role, SessionId, Uuid,
};

use super::super::violation::{Check, must};
use super::super::world::World;
use super::rights::{Rights, approval_of};

/// Most calls of an agent that have not ended.
pub const MOST_OPEN: usize = 4;
/// Most calls of an agent that begin within a minute.
const MOST_A_MINUTE: usize = 60;
const MINUTE_MS: u64 = 60_000;

impl World {
    /// Checks the record of a call that begins.
    pub fn check_call(&mut self, call: &Call) -> Check {
        let state = self.ledger.state();
        let is_known = state
            .calls
            .open()
            .any(|it| it.call.request_id == call.request_id)
            || state.calls.get_ended(call.request_id).is_some();
        must(!is_known, "a call runs once", || format!("{call:?}"))?;
        let records = &self.ledger.records;
        let rights = Rights::of(records, &self.plan.options.agents, &call.agent);
        let is_approved = approval_of(records, OperationId(call.request_id)).is_some();
        let kind = ApprovalKind::Call(call.addon_id.clone());
        let may_work = match rights.mode {
            AgentMode::Read | AgentMode::Off => false,
            AgentMode::Ask => is_approved || rights.allows(&kind),
            AgentMode::Work => true,
        };
        let held = state.grants.get(call.editor, &call.addon_id);
        let is_of_content = held.is_some_and(|it| {
            it.grant.code_sha256 == call.code_sha256
                && it.grant.manifest_sha256 == call.manifest_sha256
                && it.grant.tools.contains(&call.tool)
        });
        let is_granted = is_of_content || self.is_granted_for_now(&kind) || is_approved;
        must(
            may_work && is_granted,
            "no call begins without a permission and a right",
            || format!("{call:?} with {rights:?}, permission {held:?}"),
        )?;
        self.agents.begun.push((call.agent.clone(), self.now));
        let minute = self.now.saturating_sub(MINUTE_MS - 1);
        let begun = self.agents.begun.iter();
        let begun = begun.filter(|(agent, at)| *agent == call.agent && *at >= minute);
        let (begun, open) = (begun.count(), self.open_calls(&call.agent));
        must(
            begun <= MOST_A_MINUTE && open < MOST_OPEN,
            "an agent calls within its budget",
            || format!("{} has begun {begun} calls, {open} are open", call.agent),
        )?;
        self.counts.one("calls");
        Ok(())
    }

    /// Returns true if a person has allowed the add-on in this run of the daemon until it stops.
    fn is_granted_for_now(&self, wanted: &ApprovalKind) -> bool {
        let newest = self.ledger.records.iter().rev();
        let mut newest = newest.take_while(|it| !matches!(it.payload, Payload::Boot { .. }));
        newest.any(|it| match &it.payload {
            Payload::Approval { kind, remember, .. } => kind == wanted && remember.is_some(),
            _ => false,
        })
    }

    /// Returns the number of calls of an agent that have not ended, as the log says.
    pub fn open_calls(&self, agent: &AgentName) -> usize {
        let open = self.ledger.state().calls.open();
        open.filter(|it| it.call.agent == *agent).count()
    }

    /// Checks the transaction of a call.
    pub fn check_change_of_call(&self, id: Uuid, origin: Role, agent: Option<&AgentName>) -> Check {
        let mut open = self.ledger.state().calls.open();
        let open = open.find(|it| it.call.request_id == id);
        let is_its_own =
            open.is_some_and(|it| it.call.editor == origin && Some(&it.call.agent) == agent);
        must(
            is_its_own && self.changes_of(id).next().is_none(),
            "a call changes the scene once, while it runs, in its editor",
            || format!("{id} from {origin:?} of {agent:?}, open is {open:?}"),
        )
    }

    /// Returns the transactions of a call: the sequence of each BEGIN, and the operation.
    fn changes_of(&self, id: Uuid) -> impl Iterator<Item = (u64, Option<OperationId>)> + '_ {
        let numbered = (1..).zip(&self.ledger.records);
        numbered.filter_map(move |(seq, record)| match &record.payload {
            Payload::Begin { call, .. } if *call == Some(id) => Some((seq, record.operation_id)),
            _ => None,
        })
    }

    /// Checks the record of the end of a call.
    pub fn check_call_end(&mut self, record: &RecordBody, end: &CallEnd) -> Check {
        let mut open = self.ledger.state().calls.open();
        let open = open.any(|it| it.call.request_id == end.request_id && it.begin == end.begin);
        must(open, "every call has one end", || format!("{record:?}"))?;
        let is_undone = |begin: u64| {
            self.ledger.records.iter().any(|it| {
                it.phase == Phase::Rollback
                    && matches!(it.payload, Payload::End { begin: of, .. } if of == begin)
            })
        };
        let hidden = self
            .changes_of(end.request_id)
            .find(|(begin, operation)| *operation != record.operation_id && !is_undone(*begin));
        must(
            hidden.is_none(),
            "a call that failed leaves no change in the log",
            || format!("{record:?}, but {hidden:?} stands"),
        )?;
        let is_made = record.operation_id.is_none_or(|id| {
            self.changes_of(end.request_id)
                .any(|(_, operation)| operation == Some(id))
        });
        must(is_made, "a call says what it has changed", || {
            format!("{record:?}")
        })?;
        self.counts.one(match record.error_code {
            None if end.status.is_some() => "calls that succeeded",
            None => "calls cancelled before they began",
            Some(Code::HandlerFailed) => "calls that failed",
            Some(Code::HandlerLate) => "calls without an answer",
            Some(Code::EditorUnable) => "calls that their editor never got",
            Some(Code::PersonRefused) => "calls that a person forbade",
            Some(Code::ResultUnusable) => "calls with an unusable answer",
            Some(_) => "calls whose changes were refused",
        });
        Ok(())
    }

    /// Lets an agent take note of an answer, and checks it.
    pub fn agent_hears(&mut self, session: SessionId, message: &DaemonMessage) -> Check {
        let Some(agent) = self.agents.of_session(session) else {
            return Ok(());
        };
        match message {
            DaemonMessage::Ack {
                operation_id,
                status,
                error,
                ..
            } if *status != AckStatus::Waiting => {
                agent.unanswered.remove(operation_id);
                if let Some(error) = error {
                    self.counts.one(name_of(error.code));
                }
            }
            DaemonMessage::CommandResponse(answer) => {
                let id = answer.request_id.or(answer.message_id);
                let was_asked = id.is_some_and(|id| agent.asked.remove(&id));
                must(was_asked, "a call is answered once", || {
                    format!("{answer:?}")
                })?;
                self.counts.one("answers to calls");
                if let Some(error) = &answer.error {
                    self.counts.one(name_of(error.code));
                }
                return self.check_answer(id, answer);
            }
            DaemonMessage::Error { error, .. } => self.counts.one(name_of(error.code)),
            _ => {}
        }
        Ok(())
    }

    /// Checks that the answer to a call agrees with the log.
    fn check_answer(&self, id: Option<Uuid>, answer: &CommandAnswer) -> Check {
        let code = answer.error.as_ref().map(|error| error.code);
        let ended = id.and_then(|id| self.ledger.state().calls.get_ended(id));
        let agrees = match ended {
            Some(_) if code == Some(Code::OperationReused) => true,
            Some(ended) => ended.operation == answer.operation_id && ended.code == code,
            // Refused or only checked.
            None => answer.operation_id.is_none() && answer.changes == 0,
        };
        must(agrees, "the answer to a call is what the log says", || {
            format!("{answer:?}, but {ended:?}")
        })
    }
}

/// Returns the name under which answers with this code are counted.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::KeptForPeople => "agents refused: kept by people",
        Code::BudgetUsedUp => "agents refused: budget",
        Code::ScopeNotGranted => "agents refused: mode",
        Code::PersonRefused => "agents refused: by a person",
        Code::ApprovalAwaited => "agents refused: nobody answered",
        Code::Stale => "agents refused: stale",
        Code::OperationReused => "agents refused: id used before",
        Code::NotAllowed => "agents refused: add-on not allowed",
        Code::ParametersWrong => "agents refused: arguments",
        _ => "agents refused: other reasons",
    }
}
