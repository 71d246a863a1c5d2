//! The decision on what an agent wants to do: it may, it may not, or a person is asked. A decision changes nothing.

use std::collections::BTreeSet;

use vibesync_scene::{
    AgentHistory, AgentMode, AgentName, AgentScope, ApprovalKind, Change, Code, Invalid, Role,
};

use crate::options::AgentOptions;

/// The reason of an intent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It makes changes.
    #[default]
    Change,
    /// It restores an earlier state.
    Restore,
    /// It takes back what an agent did. An agent takes back its own work alone, so nobody is asked about that.
    Undo,
}

impl Purpose {
    /// Returns the kind of client that counts as the origin. An editor's user who takes back an agent's work holds none of
    /// the values yet, and gets them like the other editor.
    pub fn origin(self, role: Role) -> Role {
        match self {
            Purpose::Undo if role.is_editor() => Role::Cli,
            _ => role,
        }
    }
}

/// The decision on an intent of an agent.
#[derive(Debug, PartialEq)]
pub(crate) enum Judgment {
    /// It may be carried out.
    Go,
    /// A person is asked for this first. There is at least one kind; the most important one comes first.
    Ask(Vec<ApprovalKind>),
    /// The agent may not do it.
    Refuse(Invalid),
}

/// The rights of an agent, from the settings and the decisions of people.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    pub options: &'a AgentOptions,
    pub history: &'a AgentHistory,
    pub agent: &'a AgentName,
    /// The kinds that a person allowed in this run of the daemon.
    pub allowed: Option<&'a BTreeSet<ApprovalKind>>,
}

impl Access<'_> {
    /// Returns true if a person decided about the mode; otherwise the settings did.
    pub fn is_decided(&self) -> bool {
        let decision = self.history.decision(self.agent);
        decision.is_some_and(|it| it.mode != AgentMode::Ask)
    }

    /// Returns what the agent may do in general.
    pub fn mode(&self) -> AgentMode {
        if !self.options.enabled {
            return AgentMode::Off;
        }
        let decision = self.history.decision(self.agent).map(|it| it.mode);
        let decided = decision.filter(|mode| *mode != AgentMode::Ask);
        match decided.unwrap_or(self.options.mode) {
            AgentMode::Ask if self.is_allowed(&ApprovalKind::Work) => AgentMode::Work,
            mode => mode,
        }
    }

    /// Returns true if a person has allowed this beyond one operation.
    pub fn is_allowed(&self, kind: &ApprovalKind) -> bool {
        let decision = self.history.decision(self.agent);
        decision.is_some_and(|it| it.allowed.contains(kind))
            || self.allowed.is_some_and(|allowed| allowed.contains(kind))
    }

    /// Lists what the agent may do without a question.
    pub fn scopes(&self) -> Vec<AgentScope> {
        let mode = self.mode();
        let mut scopes = match mode {
            AgentMode::Off => Vec::new(),
            AgentMode::Ask | AgentMode::Read => vec![AgentScope::Read, AgentScope::View],
            AgentMode::Work => vec![
                AgentScope::Read,
                AgentScope::Change,
                AgentScope::Ui,
                AgentScope::View,
            ],
        };
        let decision = self.history.decision(self.agent);
        let project = decision.map(|it| &it.allowed);
        let allowed = project.into_iter().chain(self.allowed).flatten();
        let allowed = allowed.filter(|_| mode == AgentMode::Work);
        scopes.extend(allowed.filter_map(|kind| match kind {
            ApprovalKind::Delete => Some(AgentScope::Delete),
            ApprovalKind::Restore => Some(AgentScope::Restore),
            ApprovalKind::Undo => Some(AgentScope::Undo),
            ApprovalKind::Call(addon) => Some(AgentScope::Call(addon.clone())),
            ApprovalKind::Work | ApprovalKind::Many => None,
        }));
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// Decides on changes that are valid. `is_approved`: a person has allowed exactly these.
    pub fn judge(&self, purpose: Purpose, changes: &[Change], is_approved: bool) -> Judgment {
        let mode = self.mode();
        if matches!(mode, AgentMode::Read | AgentMode::Off) {
            let message = match mode {
                AgentMode::Read => format!("{} may only read", self.agent),
                _ => format!("{} is turned off", self.agent),
            };
            return Judgment::Refuse(Invalid::new(Code::ScopeNotGranted, "agent", message));
        }
        if is_approved || changes.is_empty() {
            return Judgment::Go;
        }
        let is_foreign_delete = |change: &Change| match change {
            Change::Delete { uuid } => self.history.creator(*uuid) != Some(self.agent),
            _ => false,
        };
        let mut kinds = Vec::new();
        if mode == AgentMode::Ask {
            kinds.push(ApprovalKind::Work);
        }
        match purpose {
            Purpose::Undo => {}
            Purpose::Restore => kinds.push(ApprovalKind::Restore),
            Purpose::Change => {
                if changes.iter().any(is_foreign_delete) {
                    kinds.push(ApprovalKind::Delete);
                }
                if changes.len() > self.options.many {
                    kinds.push(ApprovalKind::Many);
                }
            }
        }
        kinds.retain(|kind| !self.is_allowed(kind));
        match kinds.is_empty() {
            true => Judgment::Go,
            false => Judgment::Ask(kinds),
        }
    }
}
