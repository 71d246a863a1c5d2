//! Places in the document: a JSON value with its path, so that each error names where the mistake is.

use serde_json::Value;
use vibesync_scene::{Code, Invalid};

/// A value of the document, or a field that is missing.
#[derive(Clone)]
pub(super) struct Place<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> Place<'a> {
    /// The whole document.
    pub fn root(value: &'a Value) -> Self {
        Self {
            value: Some(value),
            path: String::new(),
        }
    }

    pub fn field(&self, name: &str) -> Place<'a> {
        let value = self.value.and_then(|value| value.get(name));
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            above => format!("{above}.{name}"),
        };
        Place { value, path }
    }

    /// The object of an extension; missing if this value does not use it.
    pub fn extension(&self, name: &str) -> Place<'a> {
        self.field("extensions").field(name)
    }

    pub fn item(&self, index: usize) -> Place<'a> {
        Place {
            value: self.value.and_then(|value| value.get(index)),
            path: format!("{}[{index}]", self.path),
        }
    }

    pub fn is_present(&self) -> bool {
        self.value.is_some()
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// Refuses what is here.
    pub fn error(&self, message: impl Into<String>) -> Invalid {
        let path = match self.path.as_str() {
            "" => "document",
            path => path,
        };
        Invalid::new(Code::GltfInvalid, path, message)
    }

    /// The items of a list; none if it is missing.
    pub fn items(&self) -> Result<impl Iterator<Item = Place<'a>> + use<'a>, Invalid> {
        let count = match self.value {
            None => 0,
            Some(Value::Array(items)) => items.len(),
            Some(_) => return Err(self.error("a list is expected")),
        };
        let list = self.clone();
        Ok((0..count).map(move |index| list.item(index)))
    }

    /// The fields of an object with their names; none if it is missing.
    pub fn fields(&self) -> Result<Vec<(&'a str, Place<'a>)>, Invalid> {
        match self.value {
            None => Ok(Vec::new()),
            Some(Value::Object(fields)) => {
                let fields = fields.keys().map(|name| (name.as_str(), self.field(name)));
                Ok(fields.collect())
            }
            Some(_) => Err(self.error("an object is expected")),
        }
    }

    pub fn text(&self) -> Result<Option<&'a str>, Invalid> {
        match self.value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.error("a text is expected")),
        }
    }

    pub fn is_true(&self) -> Result<bool, Invalid> {
        match self.value {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.error("true or false is expected")),
        }
    }

    /// A number from 0 that has no fraction, also if it is written with a point.
    pub fn count(&self) -> Result<Option<usize>, Invalid> {
        let Some(value) = self.value else {
            return Ok(None);
        };
        // Above 2^53, not every whole number can be told from its neighbors.
        let whole = value.as_u64().or_else(|| {
            let number = value.as_f64()?;
            let is_whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
            is_whole.then_some(number as u64)
        });
        let whole = whole.and_then(|whole| usize::try_from(whole).ok());
        let expected = || self.error("a whole number from 0 is expected");
        whole.map(Some).ok_or_else(expected)
    }

    pub fn number(&self) -> Result<Option<f64>, Invalid> {
        let Some(value) = self.value else {
            return Ok(None);
        };
        let number = value.as_f64().filter(|number| number.is_finite());
        let expected = || self.error("a number is expected");
        number.map(Some).ok_or_else(expected)
    }

    /// A list of `N` numbers.
    pub fn numbers<const N: usize>(&self) -> Result<Option<[f64; N]>, Invalid> {
        if self.value.is_none() {
            return Ok(None);
        }
        let mut numbers = Vec::with_capacity(N);
        // One more than fits, to notice it.
        for item in self.items()?.take(N + 1) {
            numbers.extend(item.number()?);
        }
        let numbers = numbers.try_into().ok();
        let expected = || self.error(format!("a list of {N} numbers is expected"));
        numbers.map(Some).ok_or_else(expected)
    }

    /// The value in the list `list` of the document whose index is here, with that index.
    pub fn named(
        &self,
        root: &Place<'a>,
        list: &str,
    ) -> Result<Option<(usize, Place<'a>)>, Invalid> {
        let Some(index) = self.count()? else {
            return Ok(None);
        };
        let found = root.field(list).item(index);
        match found.is_present() {
            true => Ok(Some((index, found))),
            false => Err(self.error(format!("`{list}` has no item {index}"))),
        }
    }
}
