//! The judgment on each add-on: whether agents can call it, and the reason if not.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use vibesync_capability::{
    Candidate, Editor, Findings, Manifest, Tool, Usability, Version, judge as judge_set,
};
use vibesync_protocol::CapabilityState;
use vibesync_protocol::auth::GrantKey;
use vibesync_scene::{Code, Grant, Grants, ProjectId, Role};

use super::lists::{EditorList, ListedAddon, Lists, Parsed};

/// An add-on with the judgment on it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its id; its module if the id cannot be read.
    pub id: String,
    pub editor: Role,
    pub state: CapabilityState,
    /// The error behind the state; none if it is ready.
    pub code: Option<Code>,
    /// The reason; empty if it is ready.
    pub why: String,
    /// Mistakes and notes.
    pub findings: Vec<Value>,
    parsed: Option<Arc<Parsed>>,
    pub folder: String,
    pub manifest_sha256: Option<String>,
    pub code_sha256: Option<String>,
    /// The permission for exactly this content.
    pub grant: Option<Grant>,
}

impl Entry {
    /// Its manifest, if it was accepted.
    pub fn manifest(&self) -> Option<&Manifest> {
        match self.parsed.as_deref() {
            Some(Ok(accepted)) => Some(&accepted.manifest),
            _ => None,
        }
    }

    /// Returns one of its tools.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.manifest()?.tool(name)
    }

    /// Returns true if a person allowed exactly this content, so that agents may see its texts.
    pub fn is_allowed(&self) -> bool {
        self.grant.is_some()
    }

    /// Returns true if an answer about the add-on is the same.
    pub fn is_equal(&self, other: &Self) -> bool {
        self.id == other.id
            && self.editor == other.editor
            && self.state == other.state
            && self.why == other.why
            && self.findings == other.findings
            && self.folder == other.folder
            && self.manifest_sha256 == other.manifest_sha256
            && self.code_sha256 == other.code_sha256
            && self.grant == other.grant
    }
}

/// The facts that the judgment depends on, beside the lists.
pub(crate) struct Facts<'a> {
    pub grants: &'a Grants,
    pub temporary: &'a Grants,
    pub key: &'a GrantKey,
    pub project: ProjectId,
    /// The editors that are connected.
    pub connected: &'a BTreeSet<Role>,
}

/// A permission that an add-on has, with its sequence.
enum Permission {
    Given(Grant, u64),
    /// Given for other content.
    Changed,
    /// Not given by this user.
    Foreign,
    None,
}

impl Facts<'_> {
    fn permission(&self, editor: Role, id: &str, addon: &ListedAddon) -> Permission {
        match self.permission_of(self.temporary, editor, id, addon) {
            Permission::Given(grant, seq) => Permission::Given(grant, seq),
            _ => self.permission_of(self.grants, editor, id, addon),
        }
    }

    fn permission_of(
        &self,
        grants: &Grants,
        editor: Role,
        id: &str,
        addon: &ListedAddon,
    ) -> Permission {
        let Some(held) = grants.get(editor, id) else {
            return Permission::None;
        };
        let grant = &held.grant;
        if !self.key.is_ours(self.project, grant) {
            return Permission::Foreign;
        }
        let reported = &addon.reported;
        let is_same = reported.manifest_sha256.as_ref() == Some(&grant.manifest_sha256)
            && reported.code_sha256.as_ref() == Some(&grant.code_sha256);
        match is_same {
            true => Permission::Given(grant.clone(), held.seq),
            false => Permission::Changed,
        }
    }
}

/// Returns the id of an add-on; its module if the id cannot be read.
fn id_of(addon: &ListedAddon) -> &str {
    let id = match addon.parsed.as_deref() {
        Some(Ok(accepted)) => Some(accepted.manifest.id()),
        Some(Err(refused)) => refused.id.as_deref(),
        None => None,
    };
    id.unwrap_or(&addon.reported.module)
}

/// Judges all add-ons of all editors as one set, sorted by id.
pub(crate) fn judge(lists: &Lists, facts: &Facts<'_>) -> Vec<Entry> {
    let all: Vec<(Role, &EditorList, &ListedAddon)> = lists
        .iter()
        .flat_map(|(role, list)| list.addons.iter().map(move |addon| (role, list, addon)))
        .collect();
    let permissions: Vec<Permission> = all
        .iter()
        .map(|(role, _, addon)| facts.permission(*role, id_of(addon), addon))
        .collect();
    let candidates: Vec<Candidate> = all
        .iter()
        .zip(&permissions)
        .map(|((role, list, addon), permission)| candidate(*role, list, addon, permission))
        .collect();
    let judged = judge_set(&candidates, &others(lists));
    let mut entries: Vec<Entry> = all
        .iter()
        .zip(permissions)
        .zip(judged)
        .map(|(((role, _, addon), permission), usability)| {
            let is_connected = facts.connected.contains(role);
            entry(*role, addon, permission, usability, is_connected)
        })
        .collect();
    entries.sort_by(|a, b| (&a.id, a.editor, &a.folder).cmp(&(&b.id, b.editor, &b.folder)));
    entries
}

/// Lists the add-ons without a manifest that an editor runs.
fn others(lists: &Lists) -> BTreeSet<String> {
    let enabled = lists.iter().flat_map(|(_, list)| {
        let known = list.addons.iter();
        let known: BTreeSet<&str> = known
            .flat_map(|addon| [addon.reported.module.as_str(), id_of(addon)])
            .collect();
        let enabled = list.enabled.iter();
        enabled.filter(move |name| !known.contains(name.as_str()))
    });
    enabled.cloned().collect()
}

fn candidate<'a>(
    role: Role,
    list: &EditorList,
    addon: &'a ListedAddon,
    permission: &Permission,
) -> Candidate<'a> {
    let manifest = match addon.parsed.as_deref() {
        Some(Ok(accepted)) if addon.reported.problem.is_none() => Some(&accepted.manifest),
        _ => None,
    };
    Candidate {
        id: id_of(addon),
        manifest,
        folder: &addon.reported.folder,
        editor: match role {
            Role::Unity => Editor::Unity,
            _ => Editor::Blender,
        },
        editor_version: Version::of_editor(&list.editor_version),
        is_enabled: addon.reported.enabled,
        allowed: match permission {
            Permission::Given(_, seq) => Some(*seq),
            _ => None,
        },
    }
}

fn entry(
    editor: Role,
    addon: &ListedAddon,
    permission: Permission,
    usability: Usability,
    is_connected: bool,
) -> Entry {
    let (mut findings, text) = match addon.parsed.as_deref() {
        Some(Ok(accepted)) => (as_json(&accepted.notes), String::new()),
        Some(Err(refused)) => {
            let all = [as_json(&refused.errors), as_json(&refused.notes)];
            (all.concat(), refused.errors.to_string())
        }
        None => (Vec::new(), String::new()),
    };
    let grant = match &permission {
        Permission::Given(grant, _) => Some(grant.clone()),
        _ => None,
    };
    let (state, code, why) = match usability {
        Usability::Refused => refused(addon, &text),
        Usability::Disabled => {
            let why = "the editor does not run the add-on".to_owned();
            (
                CapabilityState::Disabled,
                Some(Code::RequirementNotMet),
                why,
            )
        }
        Usability::Unmet(reasons) => {
            findings.extend(
                reasons
                    .iter()
                    .filter_map(|it| serde_json::to_value(it).ok()),
            );
            let why: Vec<String> = reasons.iter().map(|it| it.message.clone()).collect();
            let code = Some(Code::RequirementNotMet);
            (CapabilityState::MissingRequirement, code, why.join("; "))
        }
        Usability::Usable => usable(addon, &permission, is_connected),
    };
    let reported = &addon.reported;
    Entry {
        id: id_of(addon).to_owned(),
        editor,
        state,
        code,
        why,
        findings,
        parsed: addon.parsed.clone(),
        folder: reported.folder.clone(),
        manifest_sha256: reported.manifest_sha256.clone(),
        code_sha256: reported.code_sha256.clone(),
        grant,
    }
}

fn as_json(findings: &Findings) -> Vec<Value> {
    let list = findings.list.iter();
    list.filter_map(|it| serde_json::to_value(it).ok())
        .collect()
}

/// Explains a refused add-on: the editor's problem, or the first mistake of its manifest.
fn refused(addon: &ListedAddon, mistakes: &str) -> (CapabilityState, Option<Code>, String) {
    let (code, why) = match &addon.reported.problem {
        Some(problem) => (problem.code, problem.message.clone()),
        None => {
            let first = mistakes.lines().next();
            let unread = "its manifest was not sent whole";
            (Code::ManifestRefused, first.unwrap_or(unread).to_owned())
        }
    };
    (CapabilityState::Refused, Some(code), why)
}

/// Judges an add-on whose requirements are met.
fn usable(
    addon: &ListedAddon,
    permission: &Permission,
    is_connected: bool,
) -> (CapabilityState, Option<Code>, String) {
    let not_allowed = Some(Code::NotAllowed);
    match permission {
        Permission::Given(..) if is_connected => (CapabilityState::Ready, None, String::new()),
        Permission::Given(..) => {
            let why = "the editor of the add-on is not connected".to_owned();
            (CapabilityState::EditorAway, Some(Code::EditorUnable), why)
        }
        Permission::Changed => {
            let why = "the add-on has changed since a person allowed it".to_owned();
            (CapabilityState::Changed, not_allowed, why)
        }
        Permission::Foreign => {
            let why = "another user, or another copy of the project, allowed the add-on: that counts for nothing here";
            (
                CapabilityState::NeedsPermission,
                not_allowed,
                why.to_owned(),
            )
        }
        Permission::None if addon.reported.code_sha256.is_none() => {
            let why = "the add-on has too many files to be allowed".to_owned();
            (CapabilityState::NeedsPermission, not_allowed, why)
        }
        Permission::None => {
            let why = "a person has not allowed the add-on yet".to_owned();
            (CapabilityState::NeedsPermission, not_allowed, why)
        }
    }
}
