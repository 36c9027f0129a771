//! ⑧ Words: what a text is cut into, the same for every store.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation;

/// Raised with every change of the words that a text has, also by a crate's newer tables: views with
/// full text are then made anew.
pub(in crate::view) const WORDS_VERSION: u32 = 1;

/// Of a longer word the beginning counts, in characters.
const LONGEST_WORD: usize = 255;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Word {
    /// How stores keep and compare it: letters and digits in lower case, without accents.
    ///
    /// It never has a character of ASCII that is not a lower-case letter or a digit.
    pub text: String,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
}

/// The words of a text: runs of letters and digits, compared without case and accents.
///
/// Stores index these and nothing else. Scripts that are written without spaces give a word for each
/// character, except Katakana and Hangul, which give their runs.
///
/// # Example
///
/// ```
/// use cqrs::view::words;
///
/// let words: Vec<String> = words("Café au lait, 2×STRAẞE").map(|word| word.text).collect();
/// assert_eq!(words, ["cafe", "au", "lait", "2", "strasse"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    runs(text).flat_map(|(start, run)| {
        let words = run.unicode_word_indices();
        words.filter_map(move |(at, word)| {
            let text = fold(word);
            let start = start + at;
            let range = start..start + word.len();
            (!text.is_empty()).then_some(Word { text, range })
        })
    })
}

/// The longest pieces without a space or a sign. Cutting at signs comes first, since Unicode's words
/// have some inside: `example.com` would not be found by `example`.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_sign = |character| !is_inside(character);
    let mut end = 0;
    text.split_inclusive(is_sign).map(move |piece| {
        let start = end;
        end += piece.len();
        (start, piece.strip_suffix(is_sign).unwrap_or(piece))
    })
}

/// Marks belong to the letter before them; a soft hyphen and joiners are not seen.
fn is_inside(character: char) -> bool {
    const UNSEEN: [char; 3] = ['\u{ad}', '\u{200c}', '\u{200d}'];
    character.is_alphanumeric()
        || UNSEEN.contains(&character)
        || unicode_normalization::char::is_combining_mark(character)
}

fn fold(word: &str) -> String {
    if word.is_ascii() {
        let word = &word[..word.len().min(LONGEST_WORD)];
        return word.to_ascii_lowercase();
    }
    // There and back, so that `ß` and `ẞ` are `ss` and both Greek sigmas are one.
    let lower = word.nfkd().flat_map(char::to_lowercase);
    let upper = lower.flat_map(char::to_uppercase);
    let folded = upper.flat_map(char::to_lowercase);
    folded.nfkd().filter(is_kept).take(LONGEST_WORD).collect()
}

/// Letters, digits, and marks without which they are other letters. The classes are Unicode's:
/// strokes through a letter, the points of Hebrew and Arabic, and accents are dropped; the voicing of
/// kana and the signs of Indic and Thai stay.
fn is_kept(character: &char) -> bool {
    match canonical_combining_class(*character) {
        0 => character.is_alphanumeric(),
        1 | 10..=36 | 200.. => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{fingerprint, mix};

    fn texts(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn signs_and_spaces_part_words() {
        assert_eq!(
            texts("T-LIGHT  holder, (red)"),
            ["t", "light", "holder", "red"]
        );
        assert_eq!(
            texts("ada@example.com can't"),
            ["ada", "example", "com", "can", "t"]
        );
        assert_eq!(texts("85123A 3.14"), ["85123a", "3", "14"]);
        assert_eq!(texts("¿?  🐎 ❤️ \0 👩‍👩‍👧"), [""; 0]);
    }

    #[test]
    fn case_and_accents_do_not_count() {
        for same in ["café", "CAFÉ", "cafe\u{301}", "ｃａｆé", "ca\u{ad}fé"] {
            assert_eq!(texts(same), ["cafe"], "{same}");
        }
        assert_eq!(texts("ΣΊΣΥΦΟΣ σίσυφος"), ["σισυφοσ", "σισυφοσ"]);
        assert_eq!(
            texts("Straße İzmir ﬁn ½"),
            ["strasse", "izmir", "fin", "12"]
        );
        assert_eq!(texts("שָׁלוֹם"), texts("שלום"));
    }

    #[test]
    fn scripts_without_spaces_have_a_word_for_each_character() {
        assert_eq!(texts("東京タワー"), ["東", "京", "タワー"]);
        assert_ne!(texts("か"), texts("が"), "the voicing makes another letter");
        assert_ne!(texts("कु"), texts("की"), "vowel signs are letters");
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "one – Zwölf!";
        let found: Vec<_> = words(text)
            .map(|word| text[word.range].to_owned())
            .collect();
        assert_eq!(found, ["one", "Zwölf"]);
    }

    #[test]
    fn of_a_long_word_the_beginning_counts() {
        for letter in ["a", "ä"] {
            let long = letter.repeat(1000);
            assert_eq!(texts(&long), ["a".repeat(LONGEST_WORD)]);
        }
    }

    /// When this fails after an update of a crate or the compiler, stored words are no longer what is
    /// asked for: raise [`WORDS_VERSION`] and write the new number here.
    #[test]
    fn the_words_are_those_of_their_version() {
        let mut found = u64::from(WORDS_VERSION);
        for character in ('\0'..=char::MAX).filter(|character| is_inside(*character)) {
            for word in words(&format!("x{character}x")) {
                found = mix(found, fingerprint(&word.text));
            }
        }
        assert_eq!(found, 17_131_359_991_356_693_425);
    }

    /// What a store is given has to come back as the same word, and SQLite's tokenizer must find
    /// nothing in it to cut or to change.
    #[test]
    fn every_character_folds_to_what_stays() {
        for character in ('\0'..=char::MAX).filter(|character| is_inside(*character)) {
            for word in words(&format!("x{character}x")) {
                let plain = |byte: u8| {
                    !byte.is_ascii() || byte.is_ascii_lowercase() || byte.is_ascii_digit()
                };
                assert!(word.text.bytes().all(plain), "{character:?}: {word:?}");
                assert_eq!(fold(&word.text), word.text, "{character:?}");
            }
        }
    }
}
