//! ⑧ The column types that come with the framework.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{ColumnError, ColumnType};
use crate::id::{AnyId, Id};
use crate::view::value::{ColumnKind, Value};

macro_rules! column {
    ($type:ty, $kind:ident, $own:expr) => {
        impl ColumnType for $type {
            const KIND: ColumnKind = ColumnKind::$kind;

            fn to_value(&self) -> Result<Value, ColumnError> {
                let own: fn(&$type) -> _ = $own;
                Ok(Value::$kind(own(self)))
            }

            fn from_value(value: Value) -> Result<Self, ColumnError> {
                match value {
                    Value::$kind(inner) => Ok(inner),
                    other => Err(unexpected(ColumnKind::$kind, &other)),
                }
            }
        }
    };
}

column!(bool, Bool, |value| *value);
column!(i64, Integer, |value| *value);
column!(String, Text, |value| value.clone());
column!(Uuid, Uuid, |value| *value);
column!(NaiveDate, Date, |value| *value);
// Stores keep microseconds; rounding here keeps what is compared in memory equal to what is read back.
column!(DateTime<Utc>, Time, |value| value.trunc_subsecs(6));
column!(Decimal, Decimal, |value| *value);

macro_rules! integer_column {
    ($($type:ty),*) => {$(
        impl ColumnType for $type {
            const KIND: ColumnKind = ColumnKind::Integer;

            fn to_value(&self) -> Result<Value, ColumnError> {
                i64::try_from(*self).map(Value::Integer).map_err(|_| {
                    ColumnError::new(format!("{self} is above {}, the largest integer of a column", i64::MAX))
                })
            }

            fn from_value(value: Value) -> Result<Self, ColumnError> {
                let number = i64::from_value(value)?;
                number.try_into().map_err(|_| {
                    ColumnError::new(format!("{number} does not fit `{}`", stringify!($type)))
                })
            }
        }
    )*};
}

integer_column!(i8, i16, i32, u8, u16, u32, u64);

impl ColumnType for f64 {
    const KIND: ColumnKind = ColumnKind::Float;

    fn to_value(&self) -> Result<Value, ColumnError> {
        if self.is_nan() {
            return Err(ColumnError::new("NaN cannot be stored in a view"));
        }
        // Stores differ on the sign of zero, and it would show in the order of rows.
        Ok(Value::Float(if *self == 0.0 { 0.0 } else { *self }))
    }

    fn from_value(value: Value) -> Result<Self, ColumnError> {
        match value {
            Value::Float(number) => Ok(number),
            other => Err(unexpected(ColumnKind::Float, &other)),
        }
    }
}

impl ColumnType for AnyId {
    const KIND: ColumnKind = ColumnKind::Text;

    fn to_value(&self) -> Result<Value, ColumnError> {
        Ok(Value::Text(self.to_string()))
    }

    fn from_value(value: Value) -> Result<Self, ColumnError> {
        AnyId::parse(&String::from_value(value)?)
            .map_err(|error| ColumnError::new(error.to_string()))
    }
}

impl<T: ColumnType> ColumnType for Option<T> {
    const KIND: ColumnKind = T::KIND;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Result<Value, ColumnError> {
        self.as_ref().map_or(Ok(Value::Null), T::to_value)
    }

    fn from_value(value: Value) -> Result<Self, ColumnError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

fn unexpected(expected: ColumnKind, found: &Value) -> ColumnError {
    ColumnError::new(format!("expected {expected:?}, found {found:?}"))
}
