//! Takes the members of an object one by one. Reports missing, repeated and unknown keys and wrong kinds of values with
//! their position, and continues.

use std::collections::HashSet;

use super::tree::{Json, Kind, Member};
use crate::diagnostic::{Diagnostic, name_list, quote};
use crate::location::{Location, Position};
use crate::suggest::suggest_names;

/// The errors in the form of a text.
#[derive(Default)]
pub(super) struct SyntaxErrors(pub Vec<Diagnostic>);

impl SyntaxErrors {
    pub(super) fn add(&mut self, at: Position, path: &str, message: impl Into<String>) {
        let location = match path.is_empty() {
            true => Location::in_text(at),
            false => Location::in_text(at).with_key(path),
        };
        self.0.push(Diagnostic::new("syntax", location, message));
    }

    /// Adds a suggestion to the last error.
    pub(super) fn suggest(&mut self, suggestion: impl Into<String>) {
        if let Some(last) = self.0.last_mut() {
            last.suggestion = suggestion.into();
        }
    }

    fn mismatch(&mut self, json: &Json, path: &str, wanted: &str) {
        let message = format!("expected {wanted}, found {}", json.describe());
        self.add(json.at, path, message);
    }
}

/// The members of an object that have not been taken yet.
pub(super) struct Fields<'a> {
    pub at: Position,
    pub path: String,
    members: Vec<Member<'a>>,
}

impl<'a> Fields<'a> {
    /// Returns the members, if the value is an object.
    pub(super) fn new(
        json: Json<'a>,
        path: impl Into<String>,
        errors: &mut SyntaxErrors,
    ) -> Option<Self> {
        let path = path.into();
        let at = json.at;
        match json.kind {
            Kind::Object(members) => Some(Self { at, path, members }),
            _ => {
                errors.mismatch(&json, &path, "an object");
                None
            }
        }
    }

    /// Takes all values of a key, in order.
    pub(super) fn take_all(&mut self, key: &str) -> Vec<Member<'a>> {
        self.members.extract_if(.., |it| it.key == key).collect()
    }

    /// Takes the value of a key.
    pub(super) fn take(&mut self, key: &str, errors: &mut SyntaxErrors) -> Option<Json<'a>> {
        let mut members = self.take_all(key).into_iter();
        let first = members.next()?.value;
        for repeated in members {
            let message = format!("the key {} is repeated", quote(key));
            errors.add(repeated.at, &self.child_path(key), message);
        }
        Some(first)
    }

    /// Takes the value of a required key.
    pub(super) fn require(&mut self, key: &str, errors: &mut SyntaxErrors) -> Option<Json<'a>> {
        let value = self.take(key, errors);
        if value.is_none() {
            errors.add(self.at, &self.path, format!("{} is missing", quote(key)));
        }
        value
    }

    /// Takes a required text.
    pub(super) fn require_text(&mut self, key: &str, errors: &mut SyntaxErrors) -> Option<String> {
        let json = self.require(key, errors)?;
        expect_text(json, || self.child_path(key), errors)
    }

    /// Takes a text; `None` for null.
    pub(super) fn take_text(&mut self, key: &str, errors: &mut SyntaxErrors) -> Option<String> {
        let json = self.take(key, errors)?;
        match json.kind {
            Kind::Null => None,
            _ => expect_text(json, || self.child_path(key), errors),
        }
    }

    /// Takes a list and returns each element with its path; `None` without the key.
    pub(super) fn take_list(
        &mut self,
        key: &str,
        max: usize,
        errors: &mut SyntaxErrors,
    ) -> Option<Vec<(Json<'a>, String)>> {
        let json = self.take(key, errors)?;
        let path = self.child_path(key);
        let at = json.at;
        let Kind::List(values) = json.kind else {
            errors.mismatch(&json, &path, "a list");
            return None;
        };
        if values.len() > max {
            errors.add(at, &path, format!("more than {max} elements"));
            return None;
        }
        let numbered = values.into_iter().enumerate();
        Some(
            numbered
                .map(|(index, value)| (value, format!("{path}[{index}]")))
                .collect(),
        )
    }

    /// Takes all remaining members, for an object with free keys. Reports repeated keys.
    pub(super) fn take_rest(self, errors: &mut SyntaxErrors) -> Vec<Member<'a>> {
        let mut seen = HashSet::new();
        let mut unique = Vec::with_capacity(self.members.len());
        for member in self.members {
            if seen.insert(member.key.clone()) {
                unique.push(member);
            } else {
                let message = format!("the key {} is repeated", quote(&member.key));
                errors.add(member.at, &self.path, message);
            }
        }
        unique
    }

    /// Reports all remaining members as unknown.
    pub(super) fn reject_rest(self, known: &[&str], errors: &mut SyntaxErrors) {
        for Member { key, at, .. } in &self.members {
            errors.add(*at, &self.path, format!("unknown key {}", quote(key)));
            match suggest_names(key, known.iter().copied()).first() {
                Some(similar) => errors.suggest(format!("{similar}?")),
                None => errors.suggest(format!("available: {}", name_list(known.iter().copied()))),
            }
        }
    }

    /// Returns the path of a member.
    pub(super) fn child_path(&self, key: &str) -> String {
        match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        }
    }
}

/// Returns the text, or reports that the value is none. Only then `path` is computed.
pub(super) fn expect_text(
    json: Json,
    path: impl FnOnce() -> String,
    errors: &mut SyntaxErrors,
) -> Option<String> {
    let Kind::Text(text) = json.kind else {
        errors.mismatch(&json, &path(), "a text");
        return None;
    };
    Some(text.into_owned())
}

/// Returns the list of `N` numbers, or reports that the value is none.
pub(super) fn expect_numbers<const N: usize>(
    json: &Json,
    path: &str,
    errors: &mut SyntaxErrors,
) -> Option<[f64; N]> {
    let found: Option<Vec<f64>> = match &json.kind {
        Kind::List(values) => values.iter().map(number).collect(),
        _ => None,
    };
    let numbers = found.and_then(|found| <[f64; N]>::try_from(found).ok());
    if numbers.is_none() {
        errors.add(json.at, path, format!("expected a list of {N} numbers"));
    }
    numbers
}

fn number(json: &Json) -> Option<f64> {
    match json.kind {
        #[allow(clippy::cast_precision_loss, reason = "Blender stores 24 bits of it")]
        Kind::Int(int) => Some(int as f64),
        Kind::Float(float) => Some(float),
        _ => None,
    }
}
