//! The rights of an agent, derived from the records alone.

use vibesync_engine::AgentOptions;
use vibesync_scene::{
    AgentMode, AgentName, ApprovalDecision, ApprovalKind, Change, OperationId, Payload, RecordBody,
    Remember, Uuid,
};

/// The rights of one agent.
#[derive(Debug)]
pub struct Rights {
    /// Its rights in general.
    pub mode: AgentMode,
    /// The kinds that a person has allowed beyond one operation.
    pub allowed: Vec<ApprovalKind>,
}

impl Rights {
    /// Returns the rights after these records.
    pub fn of(records: &[RecordBody], options: &AgentOptions, name: &AgentName) -> Self {
        let (mut decided, mut project, mut session) = (None, Vec::new(), Vec::new());
        for record in records {
            match &record.payload {
                Payload::Boot { .. } => session.clear(),
                Payload::Agent { agent, mode, .. } if agent == name => {
                    decided = Some(*mode);
                    project.clear();
                    session.clear();
                }
                Payload::Approval {
                    agent,
                    kind,
                    decision: ApprovalDecision::Allowed,
                    remember,
                    ..
                } if agent == name => match (remember, kind) {
                    (Some(Remember::Session), kind) => session.push(kind.clone()),
                    (Some(Remember::Project), ApprovalKind::Work) => {
                        decided = Some(AgentMode::Work);
                    }
                    (Some(Remember::Project), kind) => project.push(kind.clone()),
                    _ => {}
                },
                _ => {}
            }
        }
        project.extend(session);
        let decided = decided.filter(|mode| *mode != AgentMode::Ask);
        let mode = match decided.unwrap_or(options.mode) {
            AgentMode::Ask if project.contains(&ApprovalKind::Work) => AgentMode::Work,
            mode => mode,
        };
        Self {
            mode,
            allowed: project,
        }
    }

    /// Returns true if a person has allowed this kind beyond one operation.
    pub fn allows(&self, kind: &ApprovalKind) -> bool {
        self.allowed.contains(kind)
    }
}

/// Returns the id of the question about an operation that a person has allowed in this run of the daemon, with the digest
/// of its content.
pub fn approval_of(records: &[RecordBody], id: OperationId) -> Option<(Uuid, &str)> {
    let newest = records.iter().rev();
    let newest = newest.take_while(|it| !matches!(it.payload, Payload::Boot { .. }));
    let mut of_it = newest.filter(|it| it.operation_id == Some(id));
    of_it.find_map(|record| match &record.payload {
        Payload::Approval {
            approval_id,
            decision: ApprovalDecision::Allowed,
            digest,
            ..
        } => Some((*approval_id, digest.as_str())),
        _ => None,
    })
}

/// Returns the agent that has created an entity, if nobody has deleted it since.
pub fn creator_of(records: &[RecordBody], entity: Uuid) -> Option<&AgentName> {
    let (mut author, mut creator) = (None, None);
    for record in records {
        match &record.payload {
            Payload::Begin { agent, .. } => author = agent.as_ref(),
            Payload::Step { change, before, .. } if change.uuid() == entity => match change {
                Change::Create { .. } => creator = author.filter(|_| before.is_none()),
                Change::Delete { .. } => creator = None,
                Change::Update { .. } => {}
            },
            _ => {}
        }
    }
    creator
}

/// Returns the agent and the operation of the transaction that begins with this record.
pub fn author_of(records: &[RecordBody], begin: u64) -> Option<(Option<&AgentName>, OperationId)> {
    let record = records.get((begin as usize).checked_sub(1)?)?;
    match &record.payload {
        Payload::Begin { agent, .. } => Some((agent.as_ref(), record.operation_id?)),
        _ => None,
    }
}
