//! Findings of a check: the broken rule, the place and a sentence. All mistakes are told at once, within limits.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use vibesync_json::Position;
use vibesync_scene::Code;

use crate::limits;

macro_rules! rules {
    ($($name:ident = $word:literal, $code:ident, $title:literal;)+) => {
        /// The rule that a manifest, a call or a set of add-ons breaks, or the fact that a note tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $title] $name,)+
        }

        impl Rule {
            /// All rules, in the order of the documentation.
            pub const ALL: &[Rule] = &[$(Rule::$name),+];

            /// Returns the stable word of the rule.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Rule::$name => $word),+ }
            }

            /// Returns the rule in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Rule::$name => $title),+ }
            }

            /// Returns the code of the error; none for a note, which refuses nothing.
            #[must_use]
            pub fn code(self) -> Option<Code> {
                match self { $(Rule::$name => code!($code)),+ }
            }
        }
    };
}

macro_rules! code {
    (note) => {
        None
    };
    ($code:ident) => {
        Some(Code::$code)
    };
}

rules! {
    Syntax = "syntax", ManifestRefused, "the text is not JSON in UTF-8 within the limits";
    DuplicateKey = "duplicate_key", ManifestRefused, "an object has a key twice";
    WrongType = "wrong_type", ManifestRefused, "a value has another type, or is null";
    Missing = "missing", ManifestRefused, "a field is missing";
    Length = "length", ManifestRefused, "a text is empty or too long";
    TooMany = "too_many", ManifestRefused, "a list has too many entries";
    Id = "id", ManifestRefused, "an id has another form, or is reserved";
    Version = "version", ManifestRefused, "a version is not made of one to four numbers and an optional suffix";
    Category = "category", ManifestRefused, "a category is no word of lower case letters";
    Name = "name", ManifestRefused, "a name is no identifier, or is reserved";
    Duplicate = "duplicate", ManifestRefused, "a name, id or option is there twice";
    ParameterType = "parameter_type", ManifestRefused, "a type is none of the twelve";
    Limits = "limits", ManifestRefused, "`min` or `max` does not fit the type, or `min` is above `max`";
    Options = "options", ManifestRefused, "`options` are missing, empty, unreadable, or not for this type";
    Default = "default", ManifestRefused, "a default is no valid value of its parameter";
    Requirement = "requirement", ManifestRefused, "an add-on depends on itself, or depends on one that it conflicts with";
    UnknownKey = "unknown_key", note, "a key is not known and has no effect";
    OtherCategory = "other_category", note, "a category is not in the list";
    NoDescription = "no_description", note, "the description for people is missing";
    NoTools = "no_tools", note, "the add-on has no tools";
    DefaultUnused = "default_unused", note, "a required parameter has a default, which is never used";
    HiddenCharacters = "hidden_characters", note, "a text has characters that cannot be seen; they are shown escaped";
    UnknownParameter = "unknown_parameter", ParametersWrong, "the tool has no such parameter";
    MissingParameter = "missing_parameter", ParametersWrong, "a required parameter is missing";
    ValueType = "value_type", ParametersWrong, "the value has another type";
    ValueRange = "value_range", ParametersWrong, "the number is outside of its limits, or not finite";
    ValueText = "value_text", ParametersWrong, "the text is empty, too long, or has characters that are not allowed";
    ValueOption = "value_option", ParametersWrong, "the text is none of the options";
    ValueSize = "value_size", ParametersWrong, "the dict is too large, too deep, or has too many keys";
    Entity = "entity", ParametersWrong, "no object has this uuid or name, or several have this name";
    Path = "path", ParametersWrong, "the path leaves the allowed folders, or means something else on another system";
    SameId = "same_id", RequirementNotMet, "another add-on has this id";
    EditorVersion = "editor_version", RequirementNotMet, "the editor is too old, or its version is not known";
    DependencyMissing = "dependency_missing", RequirementNotMet, "an add-on that is needed is missing, disabled or refused";
    DependencyUnmet = "dependency_unmet", RequirementNotMet, "an add-on that is needed lacks something itself";
    DependencyCycle = "dependency_cycle", RequirementNotMet, "add-ons need each other in a circle";
    Conflict = "conflict", RequirementNotMet, "an add-on is enabled that this one cannot work beside";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One mistake or note: the rule, the place and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// JSON path of the value, such as `ai_integration.tools[2].name`; empty for the whole text.
    pub path: String,
    /// Position in the text, if there is a text.
    pub position: Option<Position>,
    /// One sentence.
    pub message: String,
}

impl Finding {
    /// Makes a finding about a value that is in no text, such as an argument.
    pub fn about(rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(rule, path, message)
    }

    /// Makes a finding about no text.
    pub(crate) fn new(rule: Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule,
            path: path.into(),
            position: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} ({})", self.message, self.rule)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(code) = self.rule.code() {
            map.serialize_entry("code", &code)?;
        }
        map.serialize_entry("rule", self.rule.as_str())?;
        map.serialize_entry("path", &self.path)?;
        if let Some(Position { line, column }) = self.position {
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}

/// At most [`limits::FINDINGS`] findings in the order of the text, and the number of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The findings.
    pub list: Vec<Finding>,
    /// Number of findings beyond the list.
    pub more: usize,
}

impl Findings {
    /// Returns true if nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        if self.list.len() < limits::FINDINGS {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Sorts by the position in the text.
    pub(crate) fn sort(&mut self) {
        self.list.sort_by_key(|finding| finding.position);
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.list {
            writeln!(f, "{finding}")?;
        }
        match self.more {
            0 => Ok(()),
            more => writeln!(f, "{more} more"),
        }
    }
}
