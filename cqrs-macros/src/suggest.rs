//! "did you mean …?": the word that a mistyped one is closest to.

/// The closest of the known words, where one is close enough to have been meant.
pub(crate) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = 1.max(word.chars().count() / 3);
    let by_distance = known.iter().map(|known| (distance(word, known), *known));
    let (distance, closest) = by_distance.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed).then_some(closest)
}

/// "; did you mean `version`?", or else "; expected one of `name`, `version`".
pub(crate) fn remedy(word: &str, known: &[&str]) -> String {
    match (closest(word, known), known) {
        (Some(meant), _) => format!("; did you mean `{meant}`?"),
        (None, []) => String::new(),
        (None, [only]) => format!("; expected `{only}`"),
        (None, known) => format!("; expected one of `{}`", known.join("`, `")),
    }
}

/// Levenshtein's distance, with a swap of neighbours counted once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
            };
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                table[i][j] = table[i][j].min(table[i - 2][j - 2] + 1);
            }
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word() {
        let known = ["name", "version", "upcast"];
        assert_eq!(closest("nmae", &known), Some("name"));
        assert_eq!(closest("versoin", &known), Some("version"));
        assert_eq!(closest("updates", &known), None);
        assert_eq!(closest("snapshot_every", &known), None);
    }

    #[test]
    fn a_strange_word_is_told_what_there_is() {
        assert_eq!(
            remedy("x", &["name", "version"]),
            "; expected one of `name`, `version`"
        );
        assert_eq!(remedy("xyz", &["name"]), "; expected `name`");
    }
}
