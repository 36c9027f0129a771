//! ⑧ The table of a view's words: its names, and the texts that are made from the full-text columns.

use std::collections::HashSet;
use std::sync::Arc;

use cqrs_core::view::{ColumnError, Row, RowChanges, Value, words};

use crate::binds::statement;
use crate::database::Statement;
use crate::view::cell;
use crate::view::page::Words;
use crate::view::table::{Table, list_type, quoted};

/// What all different words of a row may have together, in bytes: where one stands has 20 bits.
const MOST_BYTES: usize = (1 << 20) - 1;

impl Table {
    pub(in crate::view) fn is_searched(&self) -> bool {
        !self.schema.full_text.is_empty()
    }

    /// Not quoted.
    pub(in crate::view) fn search_table(&self) -> String {
        format!("{}_search", self.name)
    }

    /// Quoted, with its schema.
    pub(in crate::view) fn search_name(&self) -> String {
        self.in_place(&self.search_table())
    }

    /// It is made with the view's table and dropped with it. Apart from that one, since a row changes
    /// more often than its words.
    pub(in crate::view) fn create_search(&self) -> Vec<String> {
        if !self.is_searched() {
            return Vec::new();
        }
        let (search, key) = (self.search_name(), self.key_type());
        vec![
            format!(
                "CREATE TABLE {search} (\"search.key\" {key} NOT NULL, \"search.lexemes\" tsvector NOT NULL, \"search.words\" text COLLATE \"C\" NOT NULL, \"search.length\" integer NOT NULL, PRIMARY KEY (\"search.key\"))"
            ),
            format!("CREATE INDEX ON {search} USING gin (\"search.lexemes\")"),
        ]
    }

    /// The words of the rows whose texts may have changed.
    pub(in crate::view) fn changed_words(
        &self,
        changes: &RowChanges,
    ) -> Result<Words, ColumnError> {
        let mut changed = Words::default();
        if !self.is_searched() {
            return Ok(changed);
        }
        let full_text = &self.schema.full_text;
        let has_text = |column: &usize| full_text.contains(column);
        let updates = match changes.updated_columns.iter().any(has_text) {
            true => &changes.updates[..],
            false => &[],
        };
        for row in changes.inserts.iter().chain(updates) {
            self.add_words(row, &mut changed)?;
        }
        Ok(changed)
    }

    fn add_words(&self, row: &Row, changed: &mut Words) -> Result<(), ColumnError> {
        let column = self.schema.key_column();
        let key = row.get(self.schema.key).cloned().unwrap_or(Value::Null);
        let key = cell::admitted(column, key)?;
        let (mut text, mut length) = (String::new(), 0);
        let (mut different, mut bytes) = (HashSet::new(), 0);
        for column in &self.schema.full_text {
            if let Some(Value::Text(content)) = row.get(*column) {
                for word in words(content) {
                    text.push_str(&format!(" {} ", word.text));
                    length += 1;
                    let size = word.text.len();
                    bytes += if different.insert(word.text) { size } else { 0 };
                }
            }
            // No phrase has it, so none reaches from one column into the next.
            text.push('|');
        }
        if bytes > MOST_BYTES {
            let reason = format!(
                "the words of the full-text columns come to {bytes} bytes, each counted once; Postgres takes {MOST_BYTES}"
            );
            return Err(ColumnError::new(reason));
        }
        changed.keys.push(key);
        changed.texts.push(text);
        changed.lengths.push(length);
        Ok(())
    }

    /// Writes the words of new and of changed rows, where they differ: a page sets a column in all its
    /// rows, though it may have changed in one.
    pub(in crate::view) fn write_words<'q>(&self, words: Words) -> Statement<'q> {
        let (search, keys) = (self.search_name(), list_type(self.schema.key_column()));
        let key = self.key_cast();
        let text = format!(
            "INSERT INTO {search} AS own (\"search.key\", \"search.lexemes\", \"search.words\", \"search.length\") \
             SELECT wanted.key{key}, array_to_tsvector(array_remove(string_to_array(translate(wanted.words, '|', ' '), ' '), '')), wanted.words, wanted.length \
             FROM unnest($1::{keys}, $2::text[], $3::integer[]) AS wanted (key, words, length) \
             ON CONFLICT (\"search.key\") DO UPDATE SET \"search.lexemes\" = excluded.\"search.lexemes\", \"search.words\" = excluded.\"search.words\", \"search.length\" = excluded.\"search.length\" \
             WHERE own.\"search.words\" <> excluded.\"search.words\""
        );
        let kind = self.schema.key_column().kind;
        let write = cell::bind_list(statement(&Arc::from(text)), kind, words.keys);
        write.bind(words.texts).bind(words.lengths)
    }

    /// Removes the words of rows.
    pub(in crate::view) fn delete_words(&self) -> String {
        let (search, is_one) = (self.search_name(), self.is_one_of(1));
        format!(
            "DELETE FROM {search} WHERE {} {is_one}",
            quoted("search.key")
        )
    }
}
