//! Rules between add-ons: which of them may be used, with the reasons for the others.
//!
//! The whole set is judged again after each change, so an add-on that appears or vanishes changes those that need it.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Rule};
use crate::manifest::{Manifest, Requirements};
use crate::version::Version;

/// An editor that add-ons live in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Editor {
    /// Blender.
    Blender,
    /// Unity.
    Unity,
}

/// An add-on that an editor has.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Id, also of a refused manifest where it could be read.
    pub id: &'a str,
    /// Its manifest; none if it was refused.
    pub manifest: Option<&'a Manifest>,
    /// Folder of the add-on; decides between two with one id.
    pub folder: &'a str,
    /// The editor that has it.
    pub editor: Editor,
    /// Version of the editor, as far as it is known.
    pub editor_version: Option<Version>,
    /// The editor runs it.
    pub is_enabled: bool,
    /// Number of the person's permission: a smaller one was given earlier.
    pub allowed: Option<u64>,
}

/// The result for one add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usability {
    /// All requirements are met.
    Usable,
    /// The editor does not run it.
    Disabled,
    /// The manifest was refused.
    Refused,
    /// Requirements are not met.
    Unmet(Vec<Finding>),
}

/// Judges each add-on, in the order of the candidates. `others` are the ids of enabled add-ons without a manifest.
#[must_use]
pub fn judge(candidates: &[Candidate], others: &BTreeSet<String>) -> Vec<Usability> {
    let set = Set::new(candidates, others);
    let mut unmet: Vec<Vec<Finding>> = (0..candidates.len())
        .map(|index| set.own_reasons(index))
        .collect();
    set.add_cycles(&mut unmet);
    set.spread(&mut unmet);
    let judged = candidates.iter().zip(unmet);
    judged
        .map(|(candidate, reasons)| match candidate.manifest {
            None => Usability::Refused,
            Some(_) if !candidate.is_enabled => Usability::Disabled,
            Some(_) if reasons.is_empty() => Usability::Usable,
            Some(_) => Usability::Unmet(reasons),
        })
        .collect()
}

struct Set<'a> {
    candidates: &'a [Candidate<'a>],
    others: BTreeSet<String>,
    /// The candidate that has an id, by the id in lower case.
    by_id: BTreeMap<String, usize>,
    /// Indices of the candidates that each one depends on.
    needs: Vec<Vec<usize>>,
}

impl<'a> Set<'a> {
    fn new(candidates: &'a [Candidate], others: &BTreeSet<String>) -> Self {
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let holder = by_id
                .entry(candidate.id.to_ascii_lowercase())
                .or_insert(index);
            let held = candidates.get(*holder).map(precedence);
            if held.is_none_or(|held| precedence(candidate) < held) {
                *holder = index;
            }
        }
        let mut set = Self {
            candidates,
            others: others.iter().map(|id| id.to_ascii_lowercase()).collect(),
            by_id,
            needs: Vec::new(),
        };
        set.needs = (0..candidates.len())
            .map(|index| {
                let ids = set.requirements(index).map(|it| it.depends_on.as_slice());
                let found = ids.unwrap_or_default().iter().filter_map(|id| set.find(id));
                found.collect()
            })
            .collect();
        set
    }

    fn requirements(&self, index: usize) -> Option<&'a Requirements> {
        let manifest = self.candidates.get(index)?.manifest?;
        Some(&manifest.ai_integration.requirements)
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(&id.to_ascii_lowercase()).copied()
    }

    fn is_active(&self, index: usize) -> bool {
        self.candidates.get(index).is_some_and(|it| it.is_enabled)
    }

    /// Returns the reasons that do not depend on the reasons of others.
    fn own_reasons(&self, index: usize) -> Vec<Finding> {
        let (Some(candidate), Some(requirements)) =
            (self.candidates.get(index), self.requirements(index))
        else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        if self.find(candidate.id) != Some(index) {
            let message = "another add-on has this id, and was allowed or found first";
            reasons.push(Finding::new(Rule::SameId, "addon_info.id", message));
        }
        reasons.extend(version_reason(candidate, requirements));
        for (position, id) in requirements.depends_on.iter().enumerate() {
            let is_present = match self.find(id) {
                Some(other) => {
                    self.is_active(other)
                        && self
                            .candidates
                            .get(other)
                            .is_some_and(|it| it.manifest.is_some())
                }
                None => self.others.contains(&id.to_ascii_lowercase()),
            };
            if !is_present {
                let path = dependency_path(position);
                let message = format!("{id} is missing, disabled or refused");
                reasons.push(Finding::new(Rule::DependencyMissing, path, message));
            }
        }
        for id in self.opponents(index) {
            let message = format!("{id} is enabled, and the two exclude each other");
            let path = "ai_integration.requirements.conflicts_with";
            reasons.push(Finding::new(Rule::Conflict, path, message));
        }
        reasons
    }

    /// Returns the ids that an add-on must give way to: each one stays that was allowed earlier, of two that were not
    /// allowed neither.
    fn opponents(&self, index: usize) -> BTreeSet<String> {
        let Some(candidate) = self.candidates.get(index).filter(|it| it.is_enabled) else {
            return BTreeSet::new();
        };
        let names = |from: usize, id: &str| {
            let list = self.requirements(from).map(|it| &it.conflicts_with);
            list.is_some_and(|list| list.iter().any(|it| it.eq_ignore_ascii_case(id)))
        };
        let mut found = BTreeSet::new();
        for (other, opponent) in self.candidates.iter().enumerate() {
            let is_other = opponent.is_enabled && !opponent.id.eq_ignore_ascii_case(candidate.id);
            if !is_other || !(names(index, opponent.id) || names(other, candidate.id)) {
                continue;
            }
            let stays = match (candidate.allowed, opponent.allowed) {
                (Some(own), Some(others)) => own < others,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if !stays {
                found.insert(opponent.id.to_owned());
            }
        }
        let plain = self
            .requirements(index)
            .map(|it| it.conflicts_with.as_slice());
        let plain = plain.unwrap_or_default().iter();
        found.extend(
            plain
                .filter(|id| self.others.contains(&id.to_ascii_lowercase()))
                .cloned(),
        );
        found
    }

    /// Adds a reason to each add-on of a circle of dependencies.
    fn add_cycles(&self, unmet: &mut [Vec<Finding>]) {
        let mut rest: BTreeSet<usize> = (0..self.needs.len()).collect();
        // Takes away those that need nobody of the rest, then those that nobody of the rest needs: circles are left.
        loop {
            let ends = |index: &usize| {
                let needs = self.needs.get(*index);
                !needs.is_some_and(|needs| needs.iter().any(|it| rest.contains(it)))
            };
            let needed: BTreeSet<usize> = rest
                .iter()
                .filter_map(|index| self.needs.get(*index))
                .flatten()
                .copied()
                .collect();
            let gone: Vec<usize> = rest
                .iter()
                .filter(|index| ends(index) || !needed.contains(*index))
                .copied()
                .collect();
            if gone.is_empty() {
                break;
            }
            rest.retain(|index| gone.binary_search(index).is_err());
        }
        for index in rest {
            if let Some(reasons) = unmet.get_mut(index) {
                let message = "the add-on needs itself by way of those that it depends on";
                let path = "ai_integration.requirements.depends_on";
                reasons.push(Finding::new(Rule::DependencyCycle, path, message));
            }
        }
    }

    /// Adds a reason to each add-on that needs one with a reason, until nothing changes.
    fn spread(&self, unmet: &mut [Vec<Finding>]) {
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); self.needs.len()];
        for (index, needs) in self.needs.iter().enumerate() {
            for other in needs {
                if let Some(list) = dependents.get_mut(*other) {
                    list.push(index);
                }
            }
        }
        let mut changed: Vec<usize> = (0..unmet.len())
            .filter(|index| unmet.get(*index).is_some_and(|it| !it.is_empty()))
            .collect();
        while let Some(index) = changed.pop() {
            for dependent in dependents.get(index).into_iter().flatten() {
                let Some(reasons) = unmet.get_mut(*dependent) else {
                    continue;
                };
                if reasons.is_empty() {
                    let id = self.candidates.get(index).map_or("", |it| it.id);
                    let message = format!("{id} lacks something that it needs");
                    let path = "ai_integration.requirements.depends_on";
                    reasons.push(Finding::new(Rule::DependencyUnmet, path, message));
                    changed.push(*dependent);
                }
            }
        }
    }
}

/// Orders candidates with one id: the one allowed first, then enabled ones, then by folder.
fn precedence<'a>(candidate: &Candidate<'a>) -> (u64, bool, bool, &'a str) {
    let allowed = candidate.allowed.unwrap_or(u64::MAX);
    let is_refused = candidate.manifest.is_none();
    (allowed, !candidate.is_enabled, is_refused, candidate.folder)
}

fn dependency_path(position: usize) -> String {
    format!("ai_integration.requirements.depends_on[{position}]")
}

fn version_reason(candidate: &Candidate, requirements: &Requirements) -> Option<Finding> {
    let (key, name, oldest) = match candidate.editor {
        Editor::Blender => (
            "blender_version_min",
            "Blender",
            requirements.blender_version_min.as_ref()?,
        ),
        Editor::Unity => (
            "unity_version_min",
            "Unity",
            requirements.unity_version_min.as_ref()?,
        ),
    };
    let message = match &candidate.editor_version {
        Some(found) if found >= oldest => return None,
        Some(found) => format!("{name} {oldest} is needed, this is {found}"),
        None => format!("{name} {oldest} is needed, and its version is not known"),
    };
    let path = format!("ai_integration.requirements.{key}");
    Some(Finding::new(Rule::EditorVersion, path, message))
}
