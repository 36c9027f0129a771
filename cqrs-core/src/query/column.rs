//! ⑨ Typed columns: what filters and orders are made of.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

use crate::view::{ColumnError, ColumnType, OrderBy, Test, Value, ViewRowFilter};

/// A column of the view `P` with values of type `T`: `Balance::OWNER`.
///
/// `derive(Projection)` makes one constant for each field. `C` names the column in the compiler's
/// messages and says whether it has an index.
pub struct Column<P, T, C> {
    pub(super) index: usize,
    marker: PhantomData<Marker<P, T, C>>,
}

/// Owns none of them, so a column is `Send`, `Sync` and `Copy` whatever they are.
type Marker<P, T, C> = fn() -> (P, T, C);

impl<P, T, C> Clone for Column<P, T, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T, C> Copy for Column<P, T, C> {}

impl<P, T, C> fmt::Debug for Column<P, T, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Column").field(&self.index).finish()
    }
}

/// A column that has an index, so that queries may filter and order by it.
#[diagnostic::on_unimplemented(
    message = "the column `{Self}` has no index, so a query cannot filter or order by it",
    label = "this column has no index",
    note = "add its field to `index(…)` in `#[projection(…)]`; the view gets the index when it is opened"
)]
pub trait Indexed {}

/// A column that full-text search looks into, so that hits have highlights of it.
#[diagnostic::on_unimplemented(
    message = "the column `{Self}` has no full text, so no search looks into it",
    label = "this column has no full text",
    note = "write `#[projection(full_text)]` above its field; the view is then made anew"
)]
pub trait FullText {}

/// A value that a column of type `T` can be compared with: `T`, `&T`, and `&str` for texts.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected a `{T}`"
)]
pub trait Operand<T> {
    /// The cell to compare with.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] when no store can hold the value.
    fn value(self) -> Result<Value, ColumnError>;
}

impl<T: ColumnType> Operand<T> for T {
    fn value(self) -> Result<Value, ColumnError> {
        self.to_value()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> Operand<T> for &T {
    fn value(self) -> Result<Value, ColumnError> {
        self.to_value()
    }
}

#[diagnostic::do_not_recommend]
impl Operand<String> for &str {
    fn value(self) -> Result<Value, ColumnError> {
        Ok(Value::Text(self.to_owned()))
    }
}

/// Which rows of `P` a query wants.
#[derive(Debug, Clone)]
pub struct Filter<P> {
    column: usize,
    test: Result<Test, ColumnError>,
    marker: PhantomData<fn() -> P>,
}

impl<P> Filter<P> {
    fn new(column: usize, test: Result<Test, ColumnError>) -> Self {
        Self {
            column,
            test,
            marker: PhantomData,
        }
    }

    pub(crate) fn into_parts(self) -> Result<(usize, Test), ColumnError> {
        self.test.map(|test| (self.column, test))
    }

    pub(crate) fn into_row_filter(self) -> Result<ViewRowFilter, ColumnError> {
        let (column, test) = self.into_parts()?;
        Ok(ViewRowFilter { column, test })
    }
}

/// In which order a query wants the rows of `P`.
#[derive(Debug, Clone, Copy)]
pub struct Order<P> {
    pub(crate) by: OrderBy,
    marker: PhantomData<fn() -> P>,
}

impl<P, T, C> Column<P, T, C> {
    /// The column at this place in the schema; generated code calls it.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            marker: PhantomData,
        }
    }
}

// `C: Indexed` stands at each method and not here: only there rustc says what `Indexed` has to say.
impl<P, T: ColumnType, C> Column<P, T, C> {
    /// Rows whose column has this value.
    pub fn eq(self, value: impl Operand<T>) -> Filter<P>
    where
        C: Indexed,
    {
        Filter::new(self.index, value.value().map(Test::Equals))
    }

    /// Rows whose column has one of these values.
    pub fn one_of<V: Operand<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<P>
    where
        C: Indexed,
    {
        let values: Result<Vec<_>, _> = values.into_iter().map(Operand::value).collect();
        Filter::new(self.index, values.map(Test::OneOf))
    }

    /// Rows whose column lies in the range: `10..20`, `10..=20`, `10..`, `..20`.
    ///
    /// Rows without a value lie in no range.
    pub fn within(self, range: impl RangeBounds<T>) -> Filter<P>
    where
        C: Indexed,
    {
        let test = || {
            Ok(Test::Range {
                lower: bound(range.start_bound())?,
                upper: bound(range.end_bound())?,
            })
        };
        Filter::new(self.index, test())
    }

    /// Rows whose column is below the value.
    pub fn lt(self, value: impl Operand<T>) -> Filter<P>
    where
        C: Indexed,
    {
        let upper = value.value().map(Bound::Excluded);
        Filter::new(self.index, upper.map(below))
    }

    /// Rows whose column is at most the value.
    pub fn le(self, value: impl Operand<T>) -> Filter<P>
    where
        C: Indexed,
    {
        let upper = value.value().map(Bound::Included);
        Filter::new(self.index, upper.map(below))
    }

    /// Rows whose column is above the value.
    pub fn gt(self, value: impl Operand<T>) -> Filter<P>
    where
        C: Indexed,
    {
        let lower = value.value().map(Bound::Excluded);
        Filter::new(self.index, lower.map(above))
    }

    /// Rows whose column is at least the value.
    pub fn ge(self, value: impl Operand<T>) -> Filter<P>
    where
        C: Indexed,
    {
        let lower = value.value().map(Bound::Included);
        Filter::new(self.index, lower.map(above))
    }

    /// Rows in ascending order of this column; those without a value come last.
    pub fn asc(self) -> Order<P>
    where
        C: Indexed,
    {
        self.order(false)
    }

    /// Rows in descending order of this column; those without a value come last.
    pub fn desc(self) -> Order<P>
    where
        C: Indexed,
    {
        self.order(true)
    }

    fn order(self, descending: bool) -> Order<P> {
        let column = self.index;
        Order {
            by: OrderBy { column, descending },
            marker: PhantomData,
        }
    }
}

impl<P, T: ColumnType, C> Column<P, Option<T>, C> {
    /// Rows without a value in this column.
    pub fn is_null(self) -> Filter<P>
    where
        C: Indexed,
    {
        Filter::new(self.index, Ok(Test::IsNull))
    }

    /// Rows with a value in this column.
    pub fn is_not_null(self) -> Filter<P>
    where
        C: Indexed,
    {
        Filter::new(self.index, Ok(Test::IsNotNull))
    }
}

fn bound<T: ColumnType>(bound: Bound<&T>) -> Result<Bound<Value>, ColumnError> {
    Ok(match bound {
        Bound::Included(value) => Bound::Included(value.to_value()?),
        Bound::Excluded(value) => Bound::Excluded(value.to_value()?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

fn below(upper: Bound<Value>) -> Test {
    let lower = Bound::Unbounded;
    Test::Range { lower, upper }
}

fn above(lower: Bound<Value>) -> Test {
    let upper = Bound::Unbounded;
    Test::Range { lower, upper }
}
