//! ⑧ Full-text search in a view: its words in a table beside the view's.
//!
//! The words come from the core and go into a `tsvector` as they are: no configuration of the database
//! decides what a word is. The vector finds the rows that have all words; phrases and how often they
//! occur are looked for in the text of the words, since a vector knows only the first places of a word.

mod table;

use cqrs_core::store::StoreError;
use cqrs_core::view::{ColumnError, Phrase, Row, Value, ViewSearch};

use super::PostgresView;
use super::clause::Clause;
use crate::binds::{integer, statement};

const OPERATION: &str = "search view";

impl PostgresView {
    pub(super) async fn best_rows(&self, search: &ViewSearch) -> Result<Vec<Row>, StoreError> {
        if search.phrases.is_empty() || !self.table.is_searched() {
            return Ok(Vec::new());
        }
        let clause = self.search_clause(search);
        let clause = clause.map_err(|error| self.database.place(OPERATION).failed(error))?;
        let text = clause.text();
        let limit = integer(search.limit as u64);
        let read = || clause.bind(statement(&text).bind(limit));
        let rows = self.database.read(OPERATION, read).await?;
        self.rows_read(OPERATION, &rows)
    }

    /// BM25 over all full-text columns together, with the constants that the core and SQLite have.
    fn search_clause(&self, search: &ViewSearch) -> Result<Clause<'_>, ColumnError> {
        let (table, words) = (&self.table, self.table.search_name());
        let mut clause = Clause::new(table, "WITH weights AS MATERIALIZED (SELECT ".into(), 1);
        for (number, phrase) in search.phrases.iter().enumerate() {
            clause.push(&format!("(SELECT count(*) FROM {words} WHERE "));
            condition(&mut clause, std::slice::from_ref(phrase));
            clause.push(&format!(") AS \"hits.{number}\", "));
        }
        clause.push(&format!(
            "count(*) AS documents, avg(\"search.length\")::float8 AS average FROM {words}), hits AS (SELECT \"search.key\", \"search.length\""
        ));
        for (number, phrase) in search.phrases.iter().enumerate() {
            clause.push(
                ", (octet_length(\"search.words\") - octet_length(replace(\"search.words\", ",
            );
            clause.value(Value::Text(pattern(phrase)));
            let length = pattern(phrase).len();
            clause.push(&format!(", '')))::float8 / {length} AS \"times.{number}\""));
        }
        clause.push(&format!(" FROM {words} WHERE "));
        condition(&mut clause, &search.phrases);
        let scores: Vec<String> = (0..search.phrases.len()).map(score).collect();
        clause.push(&format!(
            "), ranked AS (SELECT \"search.key\", {} AS \"search.rank\" FROM hits CROSS JOIN weights) SELECT {} FROM ranked INNER JOIN {} ON {} = \"search.key\" WHERE ",
            scores.join(" + "),
            table.select_list(),
            table.full_name(),
            table.key(),
        ));
        clause.filters(&search.filters)?;
        clause.push(" ORDER BY \"search.rank\" DESC, ");
        clause.push(table.key());
        clause.push(" LIMIT $1");
        Ok(clause)
    }
}

/// Which rows have all the phrases.
fn condition(clause: &mut Clause<'_>, phrases: &[Phrase]) {
    let lexemes = phrases.iter().flat_map(lexemes).collect::<Vec<_>>();
    clause.push("\"search.lexemes\" @@ ");
    clause.value(Value::Text(lexemes.join(" & ")));
    clause.push("::tsquery");
    for phrase in phrases.iter().filter(|phrase| phrase.words.len() > 1) {
        clause.push(" AND strpos(\"search.words\", ");
        clause.value(Value::Text(pattern(phrase)));
        clause.push(") > 0");
    }
}

/// The words as a `tsquery` has them. They are letters and digits, so nothing in them can be syntax.
fn lexemes(phrase: &Phrase) -> Vec<String> {
    let last = phrase.words.len().saturating_sub(1);
    let words = phrase.words.iter().enumerate();
    let lexeme = |(number, word): (usize, &String)| {
        let star = if phrase.prefix && number == last {
            ":*"
        } else {
            ""
        };
        format!("'{word}'{star}")
    };
    words.map(lexeme).collect()
}

/// The phrase as it stands among the words of a row, each of which has a space on either side.
fn pattern(phrase: &Phrase) -> String {
    let end = if phrase.prefix { "" } else { " " };
    format!(" {}{end}", phrase.words.join("  "))
}

/// What a phrase counts for a row: rare phrases more, and the first times more than later ones.
fn score(number: usize) -> String {
    let weight = format!(
        "greatest(ln((documents - \"hits.{number}\" + 0.5::float8) / (\"hits.{number}\" + 0.5::float8)), 0.000001::float8)"
    );
    let times = format!("\"times.{number}\"");
    format!(
        "{weight} * ({times} * 2.2::float8 / ({times} + 1.2::float8 * (0.25::float8 + 0.75::float8 * \"search.length\" / average)))"
    )
}
