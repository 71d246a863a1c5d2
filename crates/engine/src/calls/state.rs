//! The calls that have not ended, and what is known of those that have.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_protocol::CommandAnswer;
use vibesync_scene::{
    AgentName, Call, CallEnd, CallHistory, Code, InstanceId, OperationId, Outcome, Payload, Phase,
    RecordBody, Role, SessionId,
};

use super::answers::{self, KeptAnswers};
use super::asking::AskingCalls;
use super::budget::CALLS_A_MINUTE;
use super::open::{CallIntent, OpenCall, Stage};
use crate::agents::per_minute::PerMinute;
use crate::journal::Journal;

/// A call that was under way when its editor vanished.
#[derive(Debug)]
pub(crate) struct Suspect {
    pub instance: InstanceId,
    pub call: Call,
}

/// All calls.
#[derive(Debug)]
pub(crate) struct Calls {
    open: BTreeMap<Uuid, OpenCall>,
    history: CallHistory,
    pub kept: KeptAnswers,
    /// The calls that agents have begun.
    pub begun: PerMinute,
    pub suspects: BTreeMap<Role, Suspect>,
    /// Calls that wait for a person.
    pub asking: AskingCalls,
}

/// A call that was asked for before.
pub(crate) enum Known<'a> {
    Open(&'a mut OpenCall),
    /// The answer, and the digest of the content.
    Ended(String, Box<CommandAnswer>),
    Unknown,
}

impl Calls {
    pub fn new(history: CallHistory) -> Self {
        Self {
            open: BTreeMap::new(),
            history,
            kept: KeptAnswers::default(),
            begun: PerMinute::new(CALLS_A_MINUTE),
            suspects: BTreeMap::new(),
            asking: AskingCalls::default(),
        }
    }

    /// Ends the calls that were open when the daemon stopped. It is not known whether their tools ran.
    pub fn end_interrupted(&mut self, journal: &mut Journal) {
        let open: Vec<_> = self.history.open().cloned().collect();
        for interrupted in open {
            let call = interrupted.call;
            let end = CallEnd {
                request_id: call.request_id,
                begin: interrupted.begin,
                addon_id: call.addon_id,
                tool: call.tool,
                status: None,
                digest: None,
                taken_back: false,
                detail: "the daemon was restarted: it is unknown whether the tool ran".into(),
            };
            let code = Some(Code::HandlerLate);
            self.append_end(journal, None, interrupted.operation, code, end);
        }
    }

    /// Logs the end of a call. Returns the sequence.
    pub fn append_end(
        &mut self,
        journal: &mut Journal,
        session: Option<SessionId>,
        operation: Option<OperationId>,
        code: Option<Code>,
        end: CallEnd,
    ) -> u64 {
        let is_success = code.is_none() && end.status.is_some();
        let record = RecordBody {
            session_id: session,
            operation_id: operation,
            uuids: Vec::new(),
            phase: Phase::Call,
            outcome: match is_success {
                true => Outcome::Ok,
                false => Outcome::Failed,
            },
            error_code: code,
            payload: Payload::CallEnd(end),
        };
        let seq = journal.append(record.clone());
        self.history.record(seq, &record);
        seq
    }

    /// Logs the beginning of a call. Returns the sequence.
    pub fn append_begin(&mut self, journal: &mut Journal, session: SessionId, call: Call) -> u64 {
        let record = RecordBody {
            session_id: Some(session),
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Call,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::Call(call),
        };
        let seq = journal.append(record.clone());
        self.history.record(seq, &record);
        seq
    }

    /// Looks for a request that was made before. `seq`: of the newest record.
    pub fn find(&mut self, request_id: Uuid, seq: u64) -> Known<'_> {
        if let Some(open) = self.open.get_mut(&request_id) {
            return Known::Open(open);
        }
        let Some(ended) = self.history.get_ended(request_id) else {
            return Known::Unknown;
        };
        let kept = self.kept.get(request_id).cloned();
        let answer = kept.unwrap_or_else(|| answers::from_log(ended, seq));
        Known::Ended(ended.digest.clone(), Box::new(answer))
    }

    pub fn insert(&mut self, call: OpenCall) {
        self.open.insert(call.id(), call);
    }

    pub fn get_mut(&mut self, request_id: Uuid) -> Option<&mut OpenCall> {
        self.open.get_mut(&request_id)
    }

    pub fn get(&self, request_id: Uuid) -> Option<&OpenCall> {
        self.open.get(&request_id)
    }

    pub fn remove(&mut self, request_id: Uuid) -> Option<OpenCall> {
        self.open.remove(&request_id)
    }

    /// Number of calls of an agent that have not ended.
    pub fn under_way(&self, agent: &AgentName) -> usize {
        let open = self.open.values();
        open.filter(|open| open.call.agent == *agent).count()
    }

    /// The calls that have not ended, in the order in which they began.
    pub fn in_order(&self) -> Vec<&OpenCall> {
        let mut open: Vec<&OpenCall> = self.open.values().collect();
        open.sort_by_key(|open| open.begin);
        open
    }

    /// The calls whose time is over.
    pub fn late(&self, now: u64) -> Vec<Uuid> {
        let late = self.in_order().into_iter().filter(|it| it.ends_at <= now);
        late.map(OpenCall::id).collect()
    }

    /// The calls that are meant and that no editor has heard of.
    pub fn waiting(&self, is_meant: impl Fn(&Call) -> bool) -> Vec<Uuid> {
        let waiting = self.in_order().into_iter();
        let waiting = waiting.filter(|it| it.stage == Stage::Waiting && is_meant(&it.call));
        waiting.map(OpenCall::id).collect()
    }

    /// The calls that are meant, that an editor has, and whose changes are not accepted.
    pub fn unsettled(&self, is_meant: impl Fn(&Call) -> bool) -> Vec<Uuid> {
        let sent = self.in_order().into_iter();
        let sent = sent.filter(|it| it.stage != Stage::Waiting && is_meant(&it.call));
        let unsettled = sent.filter(|it| !matches!(it.intent, CallIntent::Kept(..)));
        unsettled.map(OpenCall::id).collect()
    }

    /// Lets the calls of an add-on that have not ended change nothing.
    pub fn make_read_only(&mut self, editor: Role, addon_id: &str) {
        let open = self.open.values_mut();
        for open in open.filter(|it| it.call.editor == editor && it.call.addon_id == addon_id) {
            open.is_read_only = true;
        }
    }

    /// The calls of an editor: those that its session has, and those that wait for it.
    pub fn of_editor(&self, role: Role, session: SessionId) -> Vec<Uuid> {
        let is_concerned = |it: &&OpenCall| {
            it.is_at(session) || it.stage == Stage::Waiting && it.call.editor == role
        };
        let open = self.in_order().into_iter().filter(is_concerned);
        open.map(OpenCall::id).collect()
    }

    /// Returns true if this editor has a call.
    pub fn is_busy(&self, role: Role) -> bool {
        let mut sent = self.open.values().filter(|it| it.stage != Stage::Waiting);
        sent.any(|it| it.call.editor == role)
    }

    /// Forgets the connection of an agent. Its calls go on.
    pub fn remove_asker(&mut self, session: SessionId) {
        self.asking.remove_session(session);
        for open in self.open.values_mut() {
            open.asker = open.asker.filter(|asker| asker.session != session);
        }
    }

    /// The time at which the next call is over.
    pub fn deadline(&self) -> Option<u64> {
        self.open.values().map(|open| open.ends_at).min()
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}
