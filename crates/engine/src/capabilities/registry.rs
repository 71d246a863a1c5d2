//! The registry of add-ons: judged again after each change, for lists, calls and events alike.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::auth::GrantKey;
use vibesync_protocol::{Capability, QueryResult};
use vibesync_scene::{Code, FailureHistory, Grants, ProjectId, Role, Scope, SessionId};

use super::judge::{Entry, Facts, judge};
use super::lists::Lists;

/// Add-ons, permissions and judgments.
#[derive(Debug)]
pub(crate) struct Registry {
    pub lists: Lists,
    pub grants: Grants,
    /// Permissions that end with this run of the daemon.
    pub temporary: Grants,
    key: GrantKey,
    project: ProjectId,
    entries: Vec<Entry>,
    /// Tools whose breaker is open, as `ADDON/TOOL`, each with its error.
    blocked: BTreeMap<String, Code>,
    revision: u64,
    /// Agents that have asked for the list: they get the events.
    pub followers: BTreeSet<SessionId>,
}

impl Registry {
    pub fn new(grants: Grants, key: GrantKey, project: ProjectId) -> Self {
        Self {
            lists: Lists::default(),
            grants,
            temporary: Grants::default(),
            key,
            project,
            entries: Vec::new(),
            blocked: BTreeMap::new(),
            revision: 0,
            followers: BTreeSet::new(),
        }
    }

    /// Judges all add-ons again. Returns the entries before if an answer would differ now.
    pub fn refresh(
        &mut self,
        connected: &BTreeSet<Role>,
        failures: &FailureHistory,
    ) -> Option<Vec<Entry>> {
        let facts = Facts {
            grants: &self.grants,
            temporary: &self.temporary,
            key: &self.key,
            project: self.project,
            connected,
        };
        let entries = judge(&self.lists, &facts);
        let blocked = blocked_tools(failures);
        let is_equal = entries.len() == self.entries.len()
            && entries
                .iter()
                .zip(&self.entries)
                .all(|(a, b)| a.is_equal(b));
        if is_equal && blocked == self.blocked {
            return None;
        }
        self.revision += 1;
        self.blocked = blocked;
        Some(std::mem::replace(&mut self.entries, entries))
    }

    /// All add-ons by id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the add-on of an id. If several have it, returns the one that can be used, or else the first.
    pub fn find(&self, id: &str) -> Option<&Entry> {
        let named = || self.entries.iter().filter(|it| it.id == id);
        named().min_by_key(|it| it.state)
    }

    /// Signs a grant for this user and project.
    pub fn sign(&self, grant: &vibesync_scene::Grant) -> String {
        self.key.sign(self.project, grant)
    }

    /// Answers a query. Agents get no text of an add-on that nobody allowed.
    pub fn query(&self, role: Role, limit: Option<u32>) -> QueryResult {
        let limit = limit.map_or(usize::MAX, |limit| limit as usize);
        let shown = self.entries.iter().take(limit);
        QueryResult::Capabilities {
            revision: self.revision,
            total: self.entries.len() as u64,
            addons: shown.map(|entry| self.describe(entry, role)).collect(),
        }
    }

    fn describe(&self, entry: &Entry, role: Role) -> Capability {
        let is_person = role.is_person();
        let manifest = entry.manifest();
        let manifest = manifest.filter(|_| is_person || entry.is_allowed());
        let tools = entry.grant.as_ref().map(|grant| grant.tools.clone());
        let prefix = format!("{}/", entry.id);
        let blocked = self.blocked.iter().filter_map(|(name, code)| {
            let tool = name.strip_prefix(&prefix)?;
            Some((tool.to_owned(), *code))
        });
        Capability {
            addon_id: entry.id.clone(),
            editor: entry.editor,
            state: entry.state,
            code: entry.code,
            why: match is_person || entry.is_allowed() {
                true => entry.why.clone(),
                false => public_reason(entry),
            },
            findings: match is_person {
                true => entry.findings.clone(),
                false => Vec::new(),
            },
            manifest: manifest.map(vibesync_capability::Manifest::to_json),
            folder: is_person.then(|| entry.folder.clone()),
            manifest_sha256: entry.manifest_sha256.clone(),
            code_sha256: entry.code_sha256.clone(),
            tools: tools.unwrap_or_default(),
            blocked: blocked.collect(),
            read_only: entry.grant.as_ref().is_some_and(|grant| grant.read_only),
            max_ms: entry.grant.as_ref().map_or(0, |grant| grant.max_ms),
        }
    }
}

/// Returns the reason without a word of the add-on's author: mistakes quote the manifest.
pub(crate) fn public_reason(entry: &Entry) -> String {
    use vibesync_protocol::CapabilityState::{MissingRequirement, Refused};
    match entry.state {
        Refused => "the add-on is refused; a person finds the reasons with `vibesync agents capabilities`".into(),
        MissingRequirement => {
            "the add-on lacks something that it needs; a person finds it with `vibesync agents capabilities`".into()
        }
        _ => entry.why.clone(),
    }
}

fn blocked_tools(failures: &FailureHistory) -> BTreeMap<String, Code> {
    let open = failures.iter().filter(|(_, state)| state.open);
    let tools = open.filter_map(|(scope, state)| match scope {
        Scope::Capability(name) if state.permanent => Some((name.clone(), Code::KnownBad)),
        Scope::Capability(name) => Some((name.clone(), Code::BreakerOpen)),
        _ => None,
    });
    tools.collect()
}
