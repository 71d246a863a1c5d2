//! The lists of add-ons that editors send, in parts, within limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use vibesync_capability::{Accepted, Refused, digest, limits, read};
use vibesync_protocol::{AddonList, ReportedAddon};
use vibesync_scene::{Code, Invalid, Role, SessionId};

/// Most add-ons of an editor.
const MAX_ADDONS: usize = 256;
/// Most bytes of the texts of one list.
const MAX_BYTES: usize = 4 << 20;
/// Most names of add-ons without a manifest.
const MAX_NAMES: usize = 2_000;
/// Most bytes of a name or path.
const MAX_TEXT: usize = 4_096;
/// Most handlers of one add-on.
const MAX_HANDLERS: usize = 256;

/// A manifest that was read once for its digest.
pub(crate) type Parsed = Result<Accepted, Box<Refused>>;

/// An add-on with its manifest.
#[derive(Clone, Debug)]
pub(crate) struct ListedAddon {
    pub reported: ReportedAddon,
    /// None if the editor could not read the manifest, or reports another digest than its text has.
    pub parsed: Option<Arc<Parsed>>,
}

/// The add-ons of one editor.
#[derive(Clone, Debug, Default)]
pub(crate) struct EditorList {
    pub editor_version: String,
    pub addons: Vec<ListedAddon>,
    pub enabled: Vec<String>,
}

/// The lists of all editors. The list of an editor that is away stays.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    by_editor: BTreeMap<Role, EditorList>,
    /// Lists whose last part has not come.
    incoming: BTreeMap<SessionId, AddonList>,
}

impl Lists {
    /// Takes a part of a list. Returns true if the list of the editor was replaced.
    pub fn take(
        &mut self,
        session: SessionId,
        role: Role,
        part: AddonList,
    ) -> Result<bool, Invalid> {
        let list = self.incoming.entry(session).or_insert_with(|| AddonList {
            addons: Vec::new(),
            enabled_addons: Vec::new(),
            editor_version: String::new(),
            last: false,
        });
        list.addons.extend(part.addons);
        list.enabled_addons.extend(part.enabled_addons);
        list.editor_version = part.editor_version;
        if let Err(invalid) = check(list) {
            self.incoming.remove(&session);
            return Err(invalid);
        }
        if !part.last {
            return Ok(false);
        }
        if let Some(list) = self.incoming.remove(&session) {
            let list = self.complete(list);
            self.by_editor.insert(role, list);
        }
        Ok(true)
    }

    /// Reads the manifests that are new. An equal text is not read twice.
    fn complete(&self, list: AddonList) -> EditorList {
        let known = self.by_editor.values().flat_map(|list| &list.addons);
        let known: BTreeMap<&str, &Arc<Parsed>> = known
            .filter_map(|addon| {
                let digest = addon.reported.manifest_sha256.as_deref()?;
                Some((digest, addon.parsed.as_ref()?))
            })
            .collect();
        let addons = list.addons.into_iter().map(|reported| {
            let text = reported.manifest.as_deref();
            let named = reported.manifest_sha256.as_deref();
            let parsed = text
                .zip(named)
                .filter(|(text, named)| digest(text) == **named);
            let parsed = parsed.map(|(text, named)| match known.get(named) {
                Some(parsed) => Arc::clone(parsed),
                None => Arc::new(read(text.as_bytes())),
            });
            ListedAddon { reported, parsed }
        });
        EditorList {
            editor_version: list.editor_version,
            addons: addons.collect(),
            enabled: list.enabled_addons,
        }
    }

    /// Drops the parts of a list that will not be completed.
    pub fn remove_session(&mut self, session: SessionId) {
        self.incoming.remove(&session);
    }

    /// The lists by editor.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &EditorList)> {
        self.by_editor.iter().map(|(role, list)| (*role, list))
    }
}

/// Refuses lists that are too long, and texts that are too long.
fn check(list: &AddonList) -> Result<(), Invalid> {
    let refuse = |location: String, most: usize| {
        let message = format!("more than {most}");
        Err(Invalid::new(Code::MessageMalformed, location, message))
    };
    if list.addons.len() > MAX_ADDONS {
        return refuse("addons".into(), MAX_ADDONS);
    }
    if list.enabled_addons.len() > MAX_NAMES {
        return refuse("enabled_addons".into(), MAX_NAMES);
    }
    let mut bytes = 0;
    for (index, addon) in list.addons.iter().enumerate() {
        let manifest = addon.manifest.as_ref().map_or(0, String::len);
        if manifest > limits::BYTES {
            return refuse(format!("addons[{index}].manifest"), limits::BYTES);
        }
        if addon.declared.len() > MAX_HANDLERS {
            return refuse(format!("addons[{index}].declared"), MAX_HANDLERS);
        }
        bytes += manifest;
    }
    let of_addon = |addon: &'_ ReportedAddon| {
        let problem = addon.problem.iter();
        let problem = problem.flat_map(|it| [it.message.len(), it.location.len()]);
        let digests = [&addon.manifest_sha256, &addon.code_sha256];
        let digests = digests.map(|it| it.as_ref().map_or(0, String::len));
        let names = addon.declared.iter().map(String::len);
        let own = [addon.module.len(), addon.folder.len()];
        let all = own.into_iter().chain(names).chain(digests).chain(problem);
        all.collect::<Vec<_>>()
    };
    let names = list.enabled_addons.iter().map(String::len);
    let lengths = names.chain([list.editor_version.len()]);
    for length in lengths.chain(list.addons.iter().flat_map(of_addon)) {
        if length > MAX_TEXT {
            return refuse("addons: a text".into(), MAX_TEXT);
        }
        bytes += length;
    }
    match bytes > MAX_BYTES {
        true => refuse("addons: bytes".into(), MAX_BYTES),
        false => Ok(()),
    }
}
