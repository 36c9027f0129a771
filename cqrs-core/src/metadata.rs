//! ④ Free metadata: what a caller attaches to a command and finds again on its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Names and JSON values that travel with a command into its events; cheap to clone.
///
/// # Example
///
/// ```
/// use cqrs::Metadata;
///
/// let metadata = Metadata::default().with("user", "ada").with("attempt", 2);
/// assert_eq!(metadata.get("user").unwrap(), "ada");
/// assert_eq!(metadata.to_string(), r#"{"attempt":2,"user":"ada"}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata(Option<Arc<BTreeMap<String, Value>>>);

impl Metadata {
    /// Adds a value, replacing one of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let values = Arc::make_mut(self.0.get_or_insert_default());
        values.insert(name.into(), value.into());
        self
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// Whether nothing is attached.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|values| values.is_empty())
    }

    /// All names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let values = self.0.iter().flat_map(|values| values.iter());
        values.map(|(name, value)| (name.as_str(), value))
    }
}

impl std::fmt::Display for Metadata {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| std::fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
        Ok(Self((!values.is_empty()).then(|| Arc::new(values))))
    }
}
