//! Samples in, a table or lines of JSON out.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

/// Durations, to be asked for percentiles.
#[derive(Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn push(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Median, microseconds.
    pub fn p50(&self) -> f64 {
        self.percentile(50)
    }

    /// 99th percentile, microseconds.
    pub fn p99(&self) -> f64 {
        self.percentile(99)
    }

    /// The nearest rank; NaN without samples.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let rank = (sorted.len() * percent).div_ceil(100);
        let found = sorted.get(rank.saturating_sub(1));
        found.map_or(f64::NAN, |duration| duration.as_secs_f64() * 1e6)
    }
}

/// One line of the report.
struct Row {
    name: String,
    value: Value,
    unit: Option<&'static str>,
    /// What the machine allows at best, in the same unit.
    limit: Option<f64>,
    /// Largest ratio of value to limit that is good enough.
    bar: Option<f64>,
}

/// What was measured, in order.
#[derive(Default)]
pub struct Report(Vec<Row>);

impl Report {
    /// Something about the machine, where it is known.
    pub fn fact(&mut self, name: &str, value: Option<String>) {
        self.0.push(Row {
            name: name.to_owned(),
            value: value.into(),
            unit: None,
            limit: None,
            bar: None,
        });
    }

    /// A number that is compared with nothing.
    pub fn value(&mut self, name: &str, value: f64, unit: &'static str) {
        self.0.push(Row {
            name: name.to_owned(),
            value: tenth(value).into(),
            unit: Some(unit),
            limit: None,
            bar: None,
        });
    }

    /// Median and 99th percentile of a limit.
    pub fn samples(&mut self, name: &str, samples: &Samples) {
        self.value(&format!("{name}_p50"), samples.p50(), "µs");
        self.value(&format!("{name}_p99"), samples.p99(), "µs");
    }

    /// A duration in microseconds next to the limit, and perhaps a bar on their ratio.
    pub fn against(&mut self, name: &str, value: f64, limit: f64, bar: Option<f64>) {
        self.0.push(Row {
            name: name.to_owned(),
            value: tenth(value).into(),
            unit: Some("µs"),
            limit: Some(limit),
            bar,
        });
    }

    pub fn print(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for row in &self.0 {
            if json {
                writeln!(out, "{}", row.json())?;
            } else {
                writeln!(out, "{}", row.text())?;
            }
        }
        Ok(())
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        Some(self.value.as_f64()? / self.limit?)
    }

    fn met(&self) -> Option<bool> {
        Some(self.ratio()? <= self.bar?)
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit.map(tenth),
            "ratio": self.ratio().map(hundredth),
            "bar": self.bar,
            "met": self.met(),
        })
    }

    fn text(&self) -> String {
        let value = match &self.value {
            Value::Number(number) => format!("{:>12.1}", number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => text.clone(),
            _ => "unknown".to_owned(),
        };
        let unit = self.unit.unwrap_or_default();
        let mut text = format!("{:<30} {value} {unit}", self.name);
        if let (Some(limit), Some(ratio)) = (self.limit, self.ratio()) {
            text += &format!("   {ratio:.2} x the limit of {limit:.1} {unit}");
        }
        if let (Some(bar), Some(met)) = (self.bar, self.met()) {
            let said = if met { "met" } else { "MISSED" };
            text += &format!(": bar {bar:.1} {said}");
        }
        text.trim_end().to_owned()
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut samples = Samples::default();
        (1..=200)
            .rev()
            .for_each(|ms| samples.push(Duration::from_micros(ms)));
        assert_eq!((samples.p50(), samples.p99()), (100.0, 198.0));
    }

    #[test]
    fn a_bar_is_met_or_missed() {
        let row = |value: f64| {
            let mut report = Report::default();
            report.against("x", value, 100.0, Some(2.0));
            report.0.remove(0).json()
        };
        assert_eq!(row(200.0)["met"], true);
        assert_eq!(row(201.0)["met"], false);
        assert_eq!(row(201.0)["ratio"], 2.01);
    }
}
