//! A difference that a person can read: line by line, what is missing and what is too much.

use similar::TextDiff;

/// Panics at the caller with a difference unless the two texts are equal.
#[track_caller]
pub(super) fn assert_same(what: &str, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let difference = TextDiff::from_lines(expected, found);
    let difference = difference
        .unified_diff()
        .header("expected", "found")
        .to_string();
    panic!("{what} differ:\n{difference}");
}
