//! The members of an object, each taken once: what is missing, repeated, unknown or of another kind is told at its place,
//! and reading goes on.

use std::collections::HashSet;

use super::tree::{Json, Kind, Member};
use crate::diagnostic::{Diagnostic, listed, quoted};
use crate::location::{Location, Position};
use crate::suggest::suggest_names;

/// All that is wrong with a text.
#[derive(Default)]
pub(super) struct Faults(pub Vec<Diagnostic>);

impl Faults {
    pub(super) fn add(&mut self, at: Position, path: &str, message: impl Into<String>) {
        let place = match path.is_empty() {
            true => Location::text(at),
            false => Location::text(at).key(path),
        };
        self.0.push(Diagnostic::new("syntax", place, message));
    }

    /// Adds what to do about the one that was added last.
    pub(super) fn suggest(&mut self, suggestion: impl Into<String>) {
        if let Some(last) = self.0.last_mut() {
            last.suggestion = suggestion.into();
        }
    }

    fn mismatch(&mut self, json: &Json, path: &str, wanted: &str) {
        let message = format!("expected {wanted}, found {}", json.what());
        self.add(json.at, path, message);
    }
}

/// Members of an object that have not been taken yet.
pub(super) struct Fields<'a> {
    pub at: Position,
    pub path: String,
    members: Vec<Member<'a>>,
}

impl<'a> Fields<'a> {
    /// The members of what must be an object.
    pub(super) fn of(json: Json<'a>, path: impl Into<String>, faults: &mut Faults) -> Option<Self> {
        let path = path.into();
        let at = json.at;
        match json.kind {
            Kind::Object(members) => Some(Self { at, path, members }),
            _ => {
                faults.mismatch(&json, &path, "an object");
                None
            }
        }
    }

    /// All values of a key, in order: what is repeated is for the caller to judge.
    pub(super) fn all(&mut self, key: &str) -> Vec<Member<'a>> {
        self.members.extract_if(.., |it| it.key == key).collect()
    }

    /// The value of a key.
    pub(super) fn take(&mut self, key: &str, faults: &mut Faults) -> Option<Json<'a>> {
        let mut found = self.all(key).into_iter();
        let first = found.next()?.value;
        for again in found {
            let message = format!("the key {} stands here again", quoted(key));
            faults.add(again.at, &self.below(key), message);
        }
        Some(first)
    }

    /// The value of a key that must be there.
    pub(super) fn need(&mut self, key: &str, faults: &mut Faults) -> Option<Json<'a>> {
        let found = self.take(key, faults);
        if found.is_none() {
            faults.add(self.at, &self.path, format!("{} is missing", quoted(key)));
        }
        found
    }

    /// A text that must be there.
    pub(super) fn need_text(&mut self, key: &str, faults: &mut Faults) -> Option<String> {
        let json = self.need(key, faults)?;
        text(json, || self.below(key), faults)
    }

    /// A text; none where there is null.
    pub(super) fn text(&mut self, key: &str, faults: &mut Faults) -> Option<String> {
        let json = self.take(key, faults)?;
        match json.kind {
            Kind::Null => None,
            _ => text(json, || self.below(key), faults),
        }
    }

    /// The elements of a list, each with its path; none where the key is not there.
    pub(super) fn list(
        &mut self,
        key: &str,
        most: usize,
        faults: &mut Faults,
    ) -> Option<Vec<(Json<'a>, String)>> {
        let json = self.take(key, faults)?;
        let path = self.below(key);
        let at = json.at;
        let Kind::List(values) = json.kind else {
            faults.mismatch(&json, &path, "a list");
            return None;
        };
        if values.len() > most {
            faults.add(at, &path, format!("more than {most} elements"));
            return None;
        }
        let numbered = values.into_iter().enumerate();
        Some(
            numbered
                .map(|(index, value)| (value, format!("{path}[{index}]")))
                .collect(),
        )
    }

    /// Everything that is left, where any key may stand once.
    pub(super) fn rest(self, faults: &mut Faults) -> Vec<Member<'a>> {
        let mut seen = HashSet::new();
        let mut once = Vec::with_capacity(self.members.len());
        for member in self.members {
            if seen.insert(member.key.clone()) {
                once.push(member);
            } else {
                let message = format!("the key {} stands here again", quoted(&member.key));
                faults.add(member.at, &self.path, message);
            }
        }
        once
    }

    /// Refuses what was not taken.
    pub(super) fn end(self, known: &[&str], faults: &mut Faults) {
        for Member { key, at, .. } in &self.members {
            faults.add(*at, &self.path, format!("unknown key {}", quoted(key)));
            match suggest_names(key, known.iter().copied()).first() {
                Some(near) => faults.suggest(format!("{near}?")),
                None => faults.suggest(format!("known here: {}", listed(known.iter().copied()))),
            }
        }
    }

    /// The path of a member.
    pub(super) fn below(&self, key: &str) -> String {
        match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        }
    }
}

/// A text. Its path is asked for where it is none.
pub(super) fn text(
    json: Json,
    path: impl FnOnce() -> String,
    faults: &mut Faults,
) -> Option<String> {
    let Kind::Text(text) = json.kind else {
        faults.mismatch(&json, &path(), "a text");
        return None;
    };
    Some(text.into_owned())
}

/// So many finite numbers.
pub(super) fn numbers<const N: usize>(
    json: &Json,
    path: &str,
    faults: &mut Faults,
) -> Option<[f64; N]> {
    let found: Option<Vec<f64>> = match &json.kind {
        Kind::List(values) => values.iter().map(number).collect(),
        _ => None,
    };
    let numbers = found.and_then(|found| <[f64; N]>::try_from(found).ok());
    if numbers.is_none() {
        faults.add(json.at, path, format!("expected a list of {N} numbers"));
    }
    numbers
}

fn number(json: &Json) -> Option<f64> {
    match json.kind {
        #[allow(clippy::cast_precision_loss, reason = "Blender keeps 24 bits of it")]
        Kind::Int(int) => Some(int as f64),
        Kind::Float(float) => Some(float),
        _ => None,
    }
}
