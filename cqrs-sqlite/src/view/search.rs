//! ⑧ Full-text search in a view: its words in an FTS5 table beside the view's.
//!
//! The words come from the core, so the tokenizer has nothing to decide: between spaces it takes
//! everything as it is. A row of the FTS5 table has the number of the view's row, its document.

mod table;

use cqrs_core::store::StoreError;
use cqrs_core::view::{ColumnError, Phrase, Row, ViewSearch};
use sqlx::{AssertSqlSafe, query};

use super::SqliteView;
use super::clause::Clause;

const OPERATION: &str = "search view";

impl SqliteView {
    pub(super) async fn best_rows(&self, search: &ViewSearch) -> Result<Vec<Row>, StoreError> {
        if search.phrases.is_empty() || !self.table.is_searched() {
            return Ok(Vec::new());
        }
        let place = self.database.place(OPERATION);
        let clause = self.search_clause(search);
        let clause = clause.map_err(|error| place.failed(error))?;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let limit = i64::try_from(search.limit).unwrap_or(i64::MAX);
        let statement = statement.bind(limit).bind(expression(&search.phrases));
        let rows = self
            .database
            .read(OPERATION, clause.bind(statement))
            .await?;
        self.table
            .unpacked(&rows)
            .map_err(|error| place.error(error))
    }

    fn search_clause(&self, search: &ViewSearch) -> Result<Clause<'_>, ColumnError> {
        let mut clause = Clause::new(&self.table, self.table.select_hits(), 2);
        clause.filters(&search.filters)?;
        clause.push(" ORDER BY \"hit.rank\", ");
        clause.push(self.table.key());
        // The plus keeps SQLite from planning anew for every limit that is bound.
        clause.push(" LIMIT +?1");
        Ok(clause)
    }
}

/// The phrases as FTS5 reads them. Words are letters and digits, so nothing in them can be syntax.
fn expression(phrases: &[Phrase]) -> String {
    let phrase = |phrase: &Phrase| {
        let star = if phrase.prefix { " *" } else { "" };
        format!("\"{}\"{star}", phrase.words.join(" "))
    };
    let phrases: Vec<String> = phrases.iter().map(phrase).collect();
    phrases.join(" AND ")
}
