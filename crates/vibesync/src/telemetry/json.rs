//! One event as one flat JSON object that always has the fields by which the transaction log can be joined.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use vibesync_scene::SCHEMA_VERSION;

/// Fields that are null where an event does not say them.
const JOINED: [&str; 6] = [
    "session_id",
    "operation_id",
    "uuids",
    "phase",
    "outcome",
    "error_code",
];

/// Formats events as JSON lines.
#[derive(Debug)]
pub(super) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        writeln!(writer, "{}", line(timestamp, event))
    }
}

fn line(timestamp: String, event: &Event<'_>) -> Value {
    let mut fields = Fields(Map::new());
    let said = &mut fields.0;
    said.insert("timestamp".into(), timestamp.into());
    said.insert("level".into(), event.metadata().level().as_str().into());
    said.insert("target".into(), event.metadata().target().into());
    said.insert("process_id".into(), std::process::id().into());
    said.insert("schema_version".into(), SCHEMA_VERSION.into());
    said.extend(JOINED.map(|name| (name.to_owned(), Value::Null)));
    event.record(&mut fields);
    Value::Object(fields.0)
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
}
