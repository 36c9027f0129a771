//! ⑧ Phrases: what a person typed, as every store understands it.

use super::word::words;

/// Of a longer search text the first words count: a database bounds what it takes.
const MOST_WORDS: usize = 64;

/// What people type around a phrase, on keyboards of any language.
const QUOTES: [char; 9] = ['"', '“', '”', '„', '‟', '«', '»', '＂', '″'];

/// Words that stand side by side in a text. A single word is a phrase too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phrase {
    /// The words in order, at least one, as [`words`](super::words) gives them.
    pub words: Vec<String>,
    /// Whether the last one is only the beginning of a word.
    pub prefix: bool,
}

impl Phrase {
    /// Where the phrase stands among the words of a text: the place of its first word, each time.
    pub(crate) fn places<'a>(&'a self, text: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        let windows = text.windows(self.words.len().max(1)).enumerate();
        windows.filter_map(|(place, window)| self.is(window).then_some(place))
    }

    fn is(&self, window: &[&str]) -> bool {
        let Some((last, before)) = self.words.split_last() else {
            return false;
        };
        let (found, found_before) = match window.split_last() {
            Some((found, before)) => (*found, before),
            None => return false,
        };
        let fits = match self.prefix {
            true => found.starts_with(last.as_str()),
            false => found == last,
        };
        fits && before == found_before
    }
}

/// The phrases of a search text: pieces between spaces, and what stands in quotes.
///
/// Any text is a valid one: what is neither a word, a quote nor a star after a word is a sign like
/// any other. A quote that is not closed reaches to the end.
pub(crate) fn phrases(text: &str) -> Vec<Phrase> {
    let mut phrases = Phrases::default();
    let mut pieces = text.split(QUOTES).peekable();
    while let Some(open) = pieces.next() {
        for part in open.split_whitespace() {
            phrases.push(part, false);
        }
        if let Some(quoted) = pieces.next() {
            let starred = pieces.peek().is_some_and(|next| next.starts_with('*'));
            phrases.push(quoted, starred);
        }
    }
    phrases.found
}

#[derive(Default)]
struct Phrases {
    found: Vec<Phrase>,
    words: usize,
}

impl Phrases {
    fn push(&mut self, text: &str, starred: bool) {
        let mut phrase = Phrase {
            words: Vec::new(),
            prefix: starred,
        };
        for word in words(text).take(MOST_WORDS - self.words) {
            phrase.prefix = starred || text[word.range.end..].starts_with('*');
            phrase.words.push(word.text);
        }
        self.words += phrase.words.len();
        if !phrase.words.is_empty() {
            self.found.push(phrase);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phrases as text: words by space, phrases by comma, a star for a prefix.
    fn parsed(text: &str) -> String {
        let phrase = |phrase: &Phrase| {
            let star = if phrase.prefix { "*" } else { "" };
            format!("{}{star}", phrase.words.join(" "))
        };
        let phrases: Vec<String> = phrases(text).iter().map(phrase).collect();
        phrases.join(", ")
    }

    #[test]
    fn words_quotes_and_stars_mean_something() {
        assert_eq!(parsed("red mug"), "red, mug");
        assert_eq!(parsed(r#""red mug" blue"#), "red mug, blue");
        assert_eq!(parsed("“Red Mug” «tea pot»"), "red mug, tea pot");
        assert_eq!(parsed("mu* (te*)"), "mu*, te*");
        assert_eq!(parsed(r#""red mu"* "red te*""#), "red mu*, red te*");
        assert_eq!(parsed("t-light"), "t light");
        assert_eq!(parsed("東京"), "東 京");
    }

    #[test]
    fn anything_else_is_a_sign() {
        assert_eq!(
            parsed("red AND (mug OR NOT pot)"),
            "red, and, mug, or, not, pot"
        );
        assert_eq!(parsed("-red +mug name:pot ^tea"), "red, mug, name pot, tea");
        assert_eq!(parsed("m*g * *"), "m g");
        assert_eq!(parsed("red\0mug; DROP TABLE--"), "red mug, drop, table");
    }

    #[test]
    fn a_quote_may_stay_open() {
        assert_eq!(parsed(r#"blue "red mug"#), "blue, red mug");
        assert_eq!(parsed(r#"red" mug"#), "red, mug");
        assert_eq!(parsed(r#"""#), "");
        assert_eq!(parsed(r#"5" x 7" frame"#), "5, x 7, frame");
    }

    #[test]
    fn a_text_without_a_word_asks_for_nothing() {
        for text in ["", "  ", "*", r#"" ""#, "🐎", "\0", "\u{200d}"] {
            assert_eq!(parsed(text), "", "{text:?}");
        }
    }

    #[test]
    fn of_a_long_text_the_first_words_count() {
        let found = phrases(&"word ".repeat(100_000));
        assert_eq!(found.len(), MOST_WORDS);
        let found = phrases(&format!("\"{}\"", "word ".repeat(1000)));
        assert_eq!((found.len(), found[0].words.len()), (1, MOST_WORDS));
    }

    #[test]
    fn a_phrase_is_found_wherever_it_stands() {
        let text = ["red", "mug", "red", "mugs"];
        let phrase = |text| phrases(text).remove(0);
        assert_eq!(phrase("\"red mug\"").places(&text).collect::<Vec<_>>(), [0]);
        assert_eq!(
            phrase("\"red mug*\"").places(&text).collect::<Vec<_>>(),
            [0, 2]
        );
        assert_eq!(phrase("\"mug mug\"").places(&text).count(), 0);
        assert_eq!(phrase("red").places(&[]).count(), 0);
    }
}
