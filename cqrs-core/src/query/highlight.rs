//! ⑨ Highlights: the pieces of a text in which a search found something, and where.
//!
//! They are made here from the row's text, so they are the same on every store.

use std::ops::Range;

use crate::view::{Phrase, Word, words};

/// How long a fragment is at the most, in bytes, unless what was found is longer.
const FRAGMENT: usize = 200;

/// How much of that stands before what was found first, at the most.
const BEFORE: usize = 60;

/// How many fragments a highlight has at the most.
const MOST_FRAGMENTS: usize = 3;

/// What a search found in one full-text column of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Highlight {
    /// The column's name.
    pub column: &'static str,
    /// Up to three pieces of its text in which something was found, in order.
    pub fragments: Vec<Fragment>,
    pub(super) index: usize,
}

/// A piece of a text with what was found in it: all of a short text, about 200 bytes of a longer one,
/// cut between words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fragment {
    /// The piece, as it stands in the row.
    pub text: String,
    /// Where in `text` something was found, in bytes, in order and apart. Each lies between
    /// characters.
    pub marks: Vec<Range<usize>>,
    /// Whether more text stands before it.
    pub cut_before: bool,
    /// Whether more text comes after it.
    pub cut_after: bool,
}

/// A part of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// What stands around.
    Plain(&'a str),
    /// What was searched for.
    Marked(&'a str),
}

impl Fragment {
    /// The text in parts, for whoever writes it out: nothing in it is escaped.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::query::{Fragment, Part};
    /// fn to_terminal(fragment: &Fragment) -> String {
    ///     let parts = fragment.parts().map(|part| match part {
    ///         Part::Plain(text) => text.to_owned(),
    ///         Part::Marked(text) => format!("\x1b[1m{text}\x1b[0m"),
    ///     });
    ///     parts.collect()
    /// }
    /// ```
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let starts = [0]
            .into_iter()
            .chain(self.marks.iter().map(|mark| mark.end));
        let marks = self.marks.iter().cloned().map(Some).chain([None]);
        let parts = starts.zip(marks).flat_map(|(start, mark)| {
            let end = mark.as_ref().map_or(self.text.len(), |mark| mark.start);
            let marked = mark.map(|mark| Part::Marked(&self.text[mark]));
            [Some(Part::Plain(&self.text[start..end])), marked]
        });
        parts.flatten().filter(|part| *part != Part::Plain(""))
    }

    /// The text as HTML: all of it escaped, what was found in `<mark>`, and `…` where it is cut.
    pub fn to_html(&self) -> String {
        let cut = |is_cut| if is_cut { "…" } else { "" };
        let mut html = cut(self.cut_before).to_owned();
        for part in self.parts() {
            match part {
                Part::Plain(text) => escape(text, &mut html),
                Part::Marked(text) => {
                    html.push_str("<mark>");
                    escape(text, &mut html);
                    html.push_str("</mark>");
                }
            }
        }
        html.push_str(cut(self.cut_after));
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

/// The fragments of a text in which any of the phrases stands.
pub(super) fn highlight(text: &str, phrases: &[Phrase]) -> Vec<Fragment> {
    let words: Vec<Word> = words(text).collect();
    let marks = marks(&words, phrases);
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut marks = marks.into_iter().peekable();
    let mut end = 0;
    while let Some(first) = marks.peek().filter(|_| fragments.len() < MOST_FRAGMENTS) {
        let window = window(text, &words, end, first);
        end = window.end;
        let mut inside = Vec::new();
        while let Some(mark) = marks.next_if(|mark| mark.end <= window.end) {
            inside.push(mark.start - window.start..mark.end - window.start);
        }
        fragments.push(Fragment {
            text: text[window.clone()].to_owned(),
            marks: inside,
            cut_before: window.start > 0,
            cut_after: window.end < text.len(),
        });
    }
    fragments
}

/// Where the phrases stand, those that overlap as one.
fn marks(words: &[Word], phrases: &[Phrase]) -> Vec<Range<usize>> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let found = phrases.iter().flat_map(|phrase| {
        let length = phrase.words.len();
        let places = phrase.places(&texts);
        places.map(move |first| (first, first + length))
    });
    let mut found: Vec<(usize, usize)> = found.collect();
    found.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (first, end) in found {
        match joined.last_mut().filter(|(_, before)| first < *before) {
            Some((_, before)) => *before = end.max(*before),
            None => joined.push((first, end)),
        }
    }
    let ranges = joined.into_iter();
    let range = |(first, end): (usize, usize)| words[first].range.start..words[end - 1].range.end;
    ranges.map(range).collect()
}

/// The piece of the text around what was found first, after the piece before.
fn window(text: &str, words: &[Word], after: usize, first: &Range<usize>) -> Range<usize> {
    if text.len() <= FRAGMENT {
        return 0..text.len();
    }
    let earliest = after.max(first.start.saturating_sub(BEFORE));
    let starts = words.iter().map(|word| word.range.start);
    let start = starts
        .filter(|start| (earliest..=first.start).contains(start))
        .min();
    let start = start.unwrap_or(first.start);
    let is_first = words.first().is_some_and(|word| word.range.start == start);
    let start = if is_first { 0 } else { start };
    let ends = words.iter().map(|word| word.range.end);
    let end = ends.filter(|end| *end <= start + FRAGMENT).max();
    let end = end.map_or(first.end, |end| end.max(first.end));
    let is_last = words.last().is_some_and(|word| word.range.end == end);
    start..if is_last { text.len() } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::ViewSearch;

    fn phrases(text: &str) -> Vec<Phrase> {
        ViewSearch::best(1, text).phrases
    }

    fn found(text: &str, search: &str) -> Vec<String> {
        let fragments = highlight(text, &phrases(search));
        fragments.iter().map(Fragment::to_html).collect()
    }

    #[test]
    fn words_phrases_and_prefixes_are_marked() {
        assert_eq!(
            found("A red mug, Red & <blue>", "red blu*"),
            ["A <mark>red</mark> mug, <mark>Red</mark> &amp; &lt;<mark>blue</mark>&gt;"]
        );
        assert_eq!(
            found("a red mug in red", "\"red mug\""),
            ["a <mark>red mug</mark> in red"]
        );
        assert_eq!(
            found("one two three", "\"one two\" \"two three\""),
            ["<mark>one two three</mark>"]
        );
        assert_eq!(found("東京タワー", "京"), ["東<mark>京</mark>タワー"]);
        assert_eq!(
            found("Le café «noir»", "cafe"),
            ["Le <mark>café</mark> «noir»"]
        );
        assert!(found("a blue mug", "red").is_empty());
    }

    #[test]
    fn a_long_text_gives_pieces_cut_between_words() {
        let filler = "lorem ipsum dolor ".repeat(40);
        let text = format!("{filler}red mug {filler}red pot {filler}red tea {filler}red pan");
        let found = highlight(&text, &phrases("red"));
        assert_eq!(found.len(), MOST_FRAGMENTS);
        for fragment in &found {
            assert!(fragment.text.len() <= FRAGMENT);
            assert!(fragment.cut_before && fragment.cut_after);
            assert_eq!(fragment.marks.len(), 1);
            assert_eq!(&fragment.text[fragment.marks[0].clone()], "red");
            assert!(
                text.contains(&format!(" {} ", fragment.text)),
                "{fragment:?}"
            );
        }
        let [at_the_end] = &highlight(&text, &phrases("pan"))[..] else {
            panic!("one piece");
        };
        assert!(at_the_end.text.ends_with("red pan") && !at_the_end.cut_after);
        let [whole] = &highlight(&text[..FRAGMENT], &phrases("lorem"))[..] else {
            panic!("a short text is one piece");
        };
        assert_eq!((whole.cut_before, whole.cut_after), (false, false));
    }

    #[test]
    fn pieces_do_not_overlap() {
        let text = "red mug ".repeat(200);
        let found = highlight(&text, &phrases("red"));
        let texts: Vec<&str> = found
            .iter()
            .map(|fragment| fragment.text.as_str())
            .collect();
        assert!(text.starts_with(&texts.join(" ")));
    }

    #[test]
    fn one_long_word_is_a_piece_of_its_own() {
        let text = format!("{} end", "ä".repeat(5000));
        let found = highlight(&text, &phrases("äää*"));
        assert_eq!(&found[0].text[found[0].marks[0].clone()], "ä".repeat(5000));
        assert_eq!(found[0].to_html().matches('ä').count(), 5000);
    }
}
