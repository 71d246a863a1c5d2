//! Numbers on the command line.

/// Parses a whole number from `MIN` to `MAX`.
pub fn number<const MIN: u64, const MAX: u64, T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let value = text.parse().ok();
    let value = value.filter(|value| (MIN..=MAX).contains(value));
    let value = value.and_then(|value| T::try_from(value).ok());
    value.ok_or_else(|| format!("must be a whole number from {MIN} to {MAX}"))
}
