//! Takes the fields of an object. Reports missing, wrong and unknown ones with their place, and continues.

use std::collections::HashSet;

use serde_json::{Map, Value};
use vibesync_json::{Json, Kind, Member, Position, quote};

use crate::finding::{Finding, Findings, Rule};
use crate::identifier::is_tool_name;
use crate::text::has_hidden;

/// Characters of a key in a path.
const MAX_KEY_SHOWN: usize = 40;

/// The mistakes and the notes of a manifest.
#[derive(Default)]
pub(super) struct Report {
    pub errors: Findings,
    pub notes: Findings,
}

impl Report {
    pub(super) fn add(&mut self, rule: Rule, at: Position, path: &str, message: impl Into<String>) {
        let finding = Finding {
            rule,
            path: path.to_owned(),
            position: Some(at),
            message: message.into(),
        };
        match rule.code() {
            Some(_) => self.errors.push(finding),
            None => self.notes.push(finding),
        }
    }

    fn wrong_type(&mut self, json: &Json, path: &str, wanted: &str) {
        let message = format!("expected {wanted}, found {}", json.describe());
        self.add(Rule::WrongType, json.at, path, message);
    }
}

/// A value of an object, and its path.
pub(super) struct Field<'j, 'a> {
    pub json: &'j Json<'a>,
    pub path: String,
}

/// The fields of an object.
pub(super) struct Fields<'j, 'a> {
    at: Position,
    pub path: String,
    members: &'j [Member<'a>],
}

impl<'j, 'a> Fields<'j, 'a> {
    /// Returns the fields if the value is an object. Notes keys that are not known.
    pub(super) fn new(field: &Field<'j, 'a>, known: &[&str], report: &mut Report) -> Option<Self> {
        let Kind::Object(members) = &field.json.kind else {
            report.wrong_type(field.json, &field.path, "an object");
            return None;
        };
        for member in members {
            if !known.contains(&member.key.as_ref()) {
                let path = child_path(&field.path, &member.key);
                let message = "the key is not known and has no effect";
                report.add(Rule::UnknownKey, member.at, &path, message);
            }
        }
        Some(Self {
            at: field.json.at,
            path: field.path.clone(),
            members,
        })
    }

    /// Returns the field with a key.
    pub(super) fn get(&self, key: &str) -> Option<Field<'j, 'a>> {
        let member = self.members.iter().find(|it| it.key == key)?;
        Some(Field {
            json: &member.value,
            path: child_path(&self.path, key),
        })
    }

    /// Returns the field with a key; reports a missing one.
    pub(super) fn require(&self, key: &str, report: &mut Report) -> Option<Field<'j, 'a>> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("{key} is missing");
            report.add(
                Rule::Missing,
                self.at,
                &child_path(&self.path, key),
                message,
            );
        }
        found
    }

    /// Returns a required text of 1 to `most` characters.
    pub(super) fn text(&self, key: &str, most: usize, report: &mut Report) -> Option<String> {
        self.require(key, report)?.text(most, report)
    }

    /// Returns a boolean, or the given one if there is none.
    pub(super) fn flag(&self, key: &str, missing: bool, report: &mut Report) -> bool {
        let Some(field) = self.get(key) else {
            return missing;
        };
        match field.json.kind {
            Kind::Bool(flag) => flag,
            _ => {
                report.wrong_type(field.json, &field.path, "true or false");
                missing
            }
        }
    }

    /// Returns the entries of a list of at most `most`; none if there is no such key.
    pub(super) fn list(&self, key: &str, most: usize, report: &mut Report) -> Vec<Field<'j, 'a>> {
        self.get(key)
            .map_or_else(Vec::new, |field| field.list(most, report))
    }

    /// Returns texts of 1 to `length` characters.
    pub(super) fn texts(
        &self,
        key: &str,
        most: usize,
        length: usize,
        report: &mut Report,
    ) -> Vec<String> {
        let entries = self.list(key, most, report).into_iter();
        entries.filter_map(|it| it.text(length, report)).collect()
    }

    /// Position of the object.
    pub(super) fn position(&self) -> Position {
        self.at
    }
}

impl<'j, 'a> Field<'j, 'a> {
    pub(super) fn add(&self, rule: Rule, message: impl Into<String>, report: &mut Report) {
        report.add(rule, self.json.at, &self.path, message);
    }

    /// Returns a text of any length.
    pub(super) fn any_text(&self, report: &mut Report) -> Option<&'j str> {
        match &self.json.kind {
            Kind::Text(text) => Some(text),
            _ => {
                report.wrong_type(self.json, &self.path, "a text");
                None
            }
        }
    }

    /// Returns a text of 1 to `most` characters.
    pub(super) fn text(&self, most: usize, report: &mut Report) -> Option<String> {
        let text = self.any_text(report)?;
        let length = text.chars().count();
        if length == 0 || length > most {
            let message = format!("the text has {length} characters, allowed are 1 to {most}");
            self.add(Rule::Length, message, report);
            return None;
        }
        if has_hidden(&text.replace(['\n', '\r', '\t'], " ")) {
            let message = "the text has characters that cannot be seen: they are shown escaped";
            self.add(Rule::HiddenCharacters, message, report);
        }
        Some(text.to_owned())
    }

    /// Returns a text of a certain form; reports another one, quoted.
    pub(super) fn form(
        &self,
        rule: Rule,
        is_valid: impl Fn(&str) -> bool,
        wanted: &str,
        report: &mut Report,
    ) -> Option<String> {
        let text = self.any_text(report)?;
        if !is_valid(text) {
            self.add(rule, format!("{} is not {wanted}", quote(text)), report);
            return None;
        }
        Some(text.to_owned())
    }

    /// Returns the entries of a list.
    pub(super) fn list(&self, most: usize, report: &mut Report) -> Vec<Field<'j, 'a>> {
        let Kind::List(values) = &self.json.kind else {
            report.wrong_type(self.json, &self.path, "a list");
            return Vec::new();
        };
        if values.len() > most {
            let message = format!("{} entries, allowed are {most}", values.len());
            self.add(Rule::TooMany, message, report);
            return Vec::new();
        }
        let numbered = values.iter().enumerate();
        numbered
            .map(|(index, json)| Field {
                json,
                path: format!("{}[{index}]", self.path),
            })
            .collect()
    }
}

fn child_path(path: &str, key: &str) -> String {
    match (is_tool_name(key), path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{}]", crate::text::quote(key, MAX_KEY_SHOWN)),
    }
}

/// Reports each key that an object has twice, at any level.
pub(super) fn report_repeated_keys(json: &Json, path: &str, report: &mut Report) {
    match &json.kind {
        Kind::Object(members) => {
            let mut seen = HashSet::new();
            for member in members {
                let path = child_path(path, &member.key);
                if !seen.insert(&member.key) {
                    let message = "the object has this key twice";
                    report.add(Rule::DuplicateKey, member.at, &path, message);
                }
                report_repeated_keys(&member.value, &path, report);
            }
        }
        Kind::List(values) => {
            for (index, value) in values.iter().enumerate() {
                if matches!(value.kind, Kind::Object(_) | Kind::List(_)) {
                    report_repeated_keys(value, &format!("{path}[{index}]"), report);
                }
            }
        }
        _ => {}
    }
}

/// Converts a value without its positions.
pub(super) fn plain(json: &Json) -> Value {
    match &json.kind {
        Kind::Null => Value::Null,
        Kind::Bool(flag) => (*flag).into(),
        Kind::Int(int) => (*int).into(),
        Kind::Float(float) => (*float).into(),
        Kind::Text(text) => text.as_ref().into(),
        Kind::List(values) => values.iter().map(plain).collect(),
        Kind::Object(members) => {
            let pairs = members
                .iter()
                .map(|it| (it.key.to_string(), plain(&it.value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
