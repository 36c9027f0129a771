//! ⑧ Relevance in memory: BM25 as SQLite computes it.

use super::phrase::Phrase;
use super::word::words;
use crate::view::{Row, Value};

/// How soon more occurrences of a phrase count for little.
const SATURATION: f64 = 1.2;

/// How much a long text is held against a row.
const LENGTH_WEIGHT: f64 = 0.75;

/// What a phrase counts that is in more than half of the rows.
const LEAST_WEIGHT: f64 = 1e-6;

/// A row as relevance sees it.
struct Document<'r> {
    row: &'r Row,
    /// How many words all its texts have.
    length: usize,
    /// How often each phrase occurs.
    occurrences: Vec<usize>,
}

/// The rows that have all the phrases, best first; among equals in the order given.
pub(crate) fn ranked<'r>(rows: &[&'r Row], columns: &[usize], phrases: &[Phrase]) -> Vec<&'r Row> {
    if phrases.is_empty() {
        return Vec::new();
    }
    let documents = rows.iter().map(|row| Document::new(row, columns, phrases));
    let documents: Vec<Document<'r>> = documents.collect();
    let weights: Vec<f64> = (0..phrases.len())
        .map(|phrase| weight(&documents, phrase))
        .collect();
    let words: usize = documents.iter().map(|document| document.length).sum();
    let average = words as f64 / documents.len() as f64;
    let fits = |document: &&Document<'_>| document.occurrences.iter().all(|times| *times > 0);
    let scored = documents.iter().filter(fits);
    let mut scored: Vec<(f64, &Row)> = scored
        .map(|document| (document.score(&weights, average), document.row))
        .collect();
    scored.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    scored.into_iter().map(|(_, row)| row).collect()
}

/// Rare phrases count more.
fn weight(documents: &[Document<'_>], phrase: usize) -> f64 {
    let has_it = |document: &&Document<'_>| document.occurrences[phrase] > 0;
    let hits = documents.iter().filter(has_it).count() as f64;
    let weight = ((documents.len() as f64 - hits + 0.5) / (hits + 0.5)).ln();
    match weight <= 0.0 {
        true => LEAST_WEIGHT,
        false => weight,
    }
}

impl<'r> Document<'r> {
    fn new(row: &'r Row, columns: &[usize], phrases: &[Phrase]) -> Self {
        let mut document = Self {
            row,
            length: 0,
            occurrences: vec![0; phrases.len()],
        };
        for column in columns {
            let Value::Text(text) = &row[*column] else {
                continue;
            };
            let words: Vec<String> = words(text).map(|word| word.text).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            document.length += words.len();
            for (phrase, occurrences) in phrases.iter().zip(&mut document.occurrences) {
                *occurrences += phrase.places(&words).count();
            }
        }
        document
    }

    fn score(&self, weights: &[f64], average: f64) -> f64 {
        let length = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * self.length as f64 / average;
        let phrases = self.occurrences.iter().zip(weights);
        let scores = phrases.map(|(times, weight)| {
            let times = *times as f64;
            weight * (times * (SATURATION + 1.0) / (times + SATURATION * length))
        });
        scores.sum()
    }
}
