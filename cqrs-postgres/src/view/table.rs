//! ⑧ The table of a view: its names and its columns.
//!
//! Names come from the schema, so they are checked and quoted here; values are always parameters.

use cqrs_core::view::{ColumnKind, ColumnSchema, ViewSchema};

use crate::schema::Schema;

/// The longest name that Postgres keeps whole.
const LONGEST_NAME: usize = 63;

/// What a table's name has of the view's: the rest of it is in the fingerprint.
const LONGEST_PREFIX: usize = LONGEST_NAME - "_0123456789abcdef_built_search".len();

/// What the fingerprint of a table ends with that is built to take the place of another one.
const BUILT: &str = "_built";

/// Columns that every table has by itself.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// A schema with its names as SQL writes them.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) schema: ViewSchema,
    /// The database schema that the table is in; not quoted.
    pub(super) place: String,
    /// In hexadecimal, as it stands in the table's name.
    pub(super) fingerprint: String,
    /// Not quoted.
    pub(super) name: String,
    /// Quoted, in the schema's order.
    pub(super) columns: Vec<String>,
    /// A row as it is read.
    pub(super) select: String,
}

/// An index that a schema asks for.
#[derive(Debug)]
pub(super) struct Index {
    /// Not quoted.
    pub(super) name: String,
    /// Quoted.
    columns: String,
}

impl Table {
    pub(super) fn new(schema: &ViewSchema, database: &Schema) -> Result<Self, String> {
        check_names(schema)?;
        let fingerprint = format!("{:016x}", schema.fingerprint());
        Ok(Self::named(schema, database.views(), fingerprint))
    }

    /// The one that is built to take the place of this one.
    pub(super) fn built(&self) -> Self {
        self.older(&format!("{}{BUILT}", self.fingerprint))
    }

    /// Another one with the same columns.
    pub(super) fn older(&self, fingerprint: &str) -> Self {
        Self::named(&self.schema, self.place.clone(), fingerprint.to_owned())
    }

    /// The one whose place this one takes.
    pub(super) fn replaced(&self) -> Self {
        self.older(self.fingerprint.trim_end_matches(BUILT))
    }

    pub(super) fn is_built(&self) -> bool {
        self.fingerprint.ends_with(BUILT)
    }

    fn named(schema: &ViewSchema, place: String, fingerprint: String) -> Self {
        let prefix = &schema.name[..schema.name.len().min(LONGEST_PREFIX)];
        let columns = schema.columns.iter().map(column_name);
        let mut table = Self {
            name: format!("{prefix}_{fingerprint}"),
            schema: schema.clone(),
            place,
            fingerprint,
            columns: columns.collect(),
            select: String::new(),
        };
        table.select = format!("SELECT {} FROM {}", table.select_list(), table.full_name());
        table
    }

    /// Quoted, with its schema.
    pub(super) fn full_name(&self) -> String {
        self.in_place(&self.name)
    }

    /// A name in the schema of the views, quoted.
    pub(super) fn in_place(&self, name: &str) -> String {
        format!("{}.{}", quoted(&self.place), quoted(name))
    }

    pub(super) fn key(&self) -> &str {
        &self.columns[self.schema.key]
    }

    /// What a row is read as.
    pub(super) fn select_list(&self) -> String {
        let columns = self.schema.columns.iter().zip(&self.columns);
        let columns = columns.map(|(column, name)| match column.kind {
            // Under a name of its own, or an order by the column would be one by the text.
            ColumnKind::Decimal => format!("{name}::text AS \"decimal.text\""),
            _ => name.clone(),
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn create_table(&self) -> String {
        let columns = self.schema.columns.iter().zip(&self.columns);
        let columns = columns.map(|(column, name)| {
            let not_null = if column.nullable { "" } else { " NOT NULL" };
            format!("{name} {}{not_null}", sql_type(column))
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let (table, key) = (self.full_name(), self.key());
        format!("CREATE TABLE {table} ({columns}, PRIMARY KEY ({key}))")
    }

    /// The table and what belongs to it, whatever schema it was made from.
    pub(super) fn drop_table(&self) -> Vec<String> {
        let names = [self.full_name(), self.search_name()];
        let drop = |name: String| format!("DROP TABLE IF EXISTS {name}");
        names.map(drop).into()
    }

    /// Gives the table and what belongs to it the names of the one whose place it takes.
    pub(super) fn rename(&self) -> Vec<String> {
        let replaced = self.replaced();
        let rename = |kind: &str, from: String, to: &str| {
            format!("ALTER {kind} {from} RENAME TO {}", quoted(to))
        };
        let mut renames = vec![rename("TABLE", self.full_name(), &replaced.name)];
        for (own, new) in self.indexes().iter().zip(replaced.indexes()) {
            renames.push(rename("INDEX", self.in_place(&own.name), &new.name));
        }
        if self.is_searched() {
            let new = replaced.search_table();
            renames.push(rename("TABLE", self.search_name(), &new));
        }
        renames
    }

    /// What people see under the view's own name.
    pub(super) fn create_view(&self) -> String {
        let names = self.schema.columns.iter().zip(&self.columns);
        let names = names.map(|(column, name)| format!("{name} AS {}", quoted(column.name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let (view, table) = (self.plain_name(), self.full_name());
        format!("CREATE OR REPLACE VIEW {view} AS SELECT {names} FROM {table}")
    }

    /// The view's own name, quoted.
    pub(super) fn plain_name(&self) -> String {
        self.in_place(self.schema.name)
    }

    /// Whether an SQL view that shows this alone was made for some version of the view.
    pub(super) fn is_ours(&self, shown: &str) -> bool {
        let prefix = &self.schema.name[..self.schema.name.len().min(LONGEST_PREFIX)];
        let names = [self.place.clone(), quoted(&self.place)];
        let table = names.iter().find_map(|place| {
            let table = shown.strip_prefix(place.as_str())?.strip_prefix('.')?;
            table.strip_prefix(prefix)?.strip_prefix('_')
        });
        table.is_some_and(|fingerprint| {
            let hexadecimal = |byte: u8| byte.is_ascii_hexdigit();
            fingerprint.len() == 16 && fingerprint.bytes().all(hexadecimal)
        })
    }

    /// The indexes that the schema asks for. Columns have numbers in their names, since the fingerprint
    /// says which columns there are.
    pub(super) fn indexes(&self) -> Vec<Index> {
        let index = |columns: &Vec<usize>| {
            let numbers = columns.iter().map(|column| format!("_{column}"));
            let names = columns.iter().map(|column| self.columns[*column].as_str());
            // Behind them the key, which ends every order.
            let key = (!columns.contains(&self.schema.key)).then_some(self.key());
            let names = names.chain(key);
            Index {
                name: format!("{}{}", self.index_prefix(), numbers.collect::<String>()),
                columns: names.collect::<Vec<_>>().join(", "),
            }
        };
        self.schema.indexes.iter().map(index).collect()
    }

    /// What the names of all its indexes begin with that a schema asks for.
    pub(super) fn index_prefix(&self) -> String {
        format!("ix_{}", self.fingerprint)
    }

    pub(super) fn create_index(&self, index: &Index) -> String {
        let (name, table) = (quoted(&index.name), self.full_name());
        format!("CREATE INDEX {name} ON {table} ({})", index.columns)
    }

    /// Writes new rows: a list for each column.
    pub(super) fn insert(&self) -> String {
        let every: Vec<usize> = (0..self.columns.len()).collect();
        let (table, columns) = (self.full_name(), self.columns.join(", "));
        let values = every.iter().zip(0..);
        let values = values.map(|(column, place)| self.wanted(*column, place));
        let values = values.collect::<Vec<_>>().join(", ");
        let lists = self.lists(&every);
        format!("INSERT INTO {table} ({columns}) SELECT {values} FROM {lists}")
    }

    /// Sets these columns, and no others. A row is its key, then its cells.
    pub(super) fn update(&self, columns: &[usize]) -> String {
        let set = columns.iter().zip(1..).map(|(column, place)| {
            let value = self.wanted(*column, place);
            format!("{} = {value}", self.columns[*column])
        });
        let set = set.collect::<Vec<_>>().join(", ");
        let (table, key) = (self.full_name(), self.key());
        let wanted = self.wanted(self.schema.key, 0);
        let every: Vec<usize> = std::iter::once(self.schema.key)
            .chain(columns.iter().copied())
            .collect();
        let lists = self.lists(&every);
        format!("UPDATE {table} SET {set} FROM {lists} WHERE {key} = {wanted}")
    }

    /// Removes the rows with these keys.
    pub(super) fn delete(&self) -> String {
        let (table, has_key) = (self.full_name(), self.has_key(1));
        format!("DELETE FROM {table} WHERE {has_key}")
    }

    /// Reads rows by key.
    pub(super) fn select_by_keys(&self) -> String {
        format!("{} WHERE {}", self.select, self.has_key(1))
    }

    /// Which rows have one of the keys.
    fn has_key(&self, parameter: usize) -> String {
        format!("{} {}", self.key(), self.is_one_of(parameter))
    }

    /// What a key is compared with that must be one of several.
    pub(super) fn is_one_of(&self, parameter: usize) -> String {
        let list = list_type(self.schema.key_column());
        let cast = match self.key_cast() {
            "" => String::new(),
            cast => format!("{cast}[]"),
        };
        format!("= ANY(${parameter}::{list}{cast})")
    }

    pub(super) fn key_type(&self) -> String {
        sql_type(self.schema.key_column())
    }

    pub(super) fn key_cast(&self) -> &'static str {
        cast(self.schema.key_column())
    }

    pub(super) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.full_name())
    }

    /// Lists of the columns' values, as rows. A dot is in no field's name, so no column of a list has the
    /// name of one of the table.
    fn lists(&self, columns: &[usize]) -> String {
        let lists = columns.iter().zip(1..).map(|(column, parameter)| {
            format!("${parameter}::{}", list_type(&self.schema.columns[*column]))
        });
        let lists = lists.collect::<Vec<_>>().join(", ");
        let names = (0..columns.len()).map(|place| format!("\"wanted.{place}\""));
        let names = names.collect::<Vec<_>>().join(", ");
        format!("unnest({lists}) AS wanted ({names})")
    }

    /// A value from the lists, as the column holds it.
    fn wanted(&self, column: usize, place: usize) -> String {
        let cast = cast(&self.schema.columns[column]);
        format!("wanted.\"wanted.{place}\"{cast}")
    }
}

fn sql_type(column: &ColumnSchema) -> String {
    match column.kind {
        ColumnKind::Bool => "boolean".to_owned(),
        ColumnKind::Integer => "bigint".to_owned(),
        ColumnKind::Float => "double precision".to_owned(),
        ColumnKind::Uuid => "uuid".to_owned(),
        ColumnKind::Date => "date".to_owned(),
        ColumnKind::Time => "timestamptz".to_owned(),
        ColumnKind::Json => "json".to_owned(),
        ColumnKind::Decimal => {
            // Units of the last digit fit 64 bits with sign, which have 19 digits.
            let scale = column.scale.unwrap_or(0);
            format!("numeric({}, {scale})", scale.max(19))
        }
        _ => "text COLLATE \"C\"".to_owned(),
    }
}

/// How a list of the column's values is sent.
pub(super) fn list_type(column: &ColumnSchema) -> String {
    let element = match column.kind {
        ColumnKind::Decimal | ColumnKind::Json | ColumnKind::Text => "text".to_owned(),
        _ => sql_type(column),
    };
    format!("{element}[]")
}

/// What makes the column's value of the one that was sent.
pub(super) fn cast(column: &ColumnSchema) -> &'static str {
    match column.kind {
        ColumnKind::Decimal => "::numeric",
        ColumnKind::Json => "::json",
        _ => "",
    }
}

fn column_name(column: &ColumnSchema) -> String {
    match SYSTEM_COLUMNS.contains(&column.name) {
        true => quoted(&format!("{}.", column.name)),
        false => quoted(column.name),
    }
}

/// The view's name is part of other names, so it is a plain one.
fn check_names(schema: &ViewSchema) -> Result<(), String> {
    let name = schema.name;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(plain) {
        return Err(format!(
            "the name `{name}` is not 1 to {LONGEST_NAME} letters, digits and `_`"
        ));
    }
    let long = |column: &&ColumnSchema| column.name.len() > LONGEST_NAME;
    if let Some(column) = schema.columns.iter().find(long) {
        let column = column.name;
        return Err(format!(
            "the name `{column}` of a field of `{name}` is longer than {LONGEST_NAME} bytes"
        ));
    }
    Ok(())
}

pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
