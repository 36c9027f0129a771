//! ④ Stored names, checked and joined at compile time.

use super::EventType;

/// Joins the lists of stored names of several enums.
pub const fn concat<const N: usize>(lists: &[&[EventType]]) -> [EventType; N] {
    let mut joined = [EventType::new("", 0); N];
    let (mut list, mut next) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            joined[next] = lists[list][index];
            next += 1;
            index += 1;
        }
        list += 1;
    }
    joined
}

/// Refuses at compile time two enums that store an event under the same name.
///
/// # Panics
///
/// When a name is in both lists; in a constant this is a compile error at the caller's token.
#[track_caller]
pub const fn assert_disjoint(first: &[EventType], second: &[EventType]) {
    let mut i = 0;
    while i < first.len() {
        let mut j = 0;
        while j < second.len() {
            if same(first[i].name, second[j].name) {
                let text = Text::new().push("the event `").push(first[i].name).push(
                    "` is stored under this name by two of the enums listed here: take one of them out",
                );
                panic!("{}", text.as_str())
            }
            j += 1;
        }
        i += 1;
    }
}

/// The category of an aggregate: the prefix of its events.
///
/// # Panics
///
/// When the events have none, which is so for composed enums; in a constant this is a compile
/// error at the caller's token.
#[track_caller]
pub const fn category(prefix: Option<&'static str>) -> &'static str {
    match prefix {
        Some(prefix) => prefix,
        None => panic!(
            "an aggregate has one event enum of its own: name one with `#[event(prefix = \"…\")]`, not a transparent one"
        ),
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Formatting is not available in constants; this joins texts up to a fixed length.
struct Text {
    bytes: [u8; 256],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; 256],
            length: 0,
        }
    }

    const fn push(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        let mut i = 0;
        while i < part.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = part[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
