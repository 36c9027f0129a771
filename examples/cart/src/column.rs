//! ⑧ Enums as columns of a view: stored under a name that a rename of the variant cannot move.

/// Gives an enum the names under which a view stores its variants.
macro_rules! text_column {
    ($type:ident { $($variant:ident => $name:literal,)+ }) => {
        impl $type {
            /// The name under which a view stores it.
            pub fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)+
                }
            }
        }

        impl ::cqrs::view::ColumnType for $type {
            const KIND: ::cqrs::view::ColumnKind = ::cqrs::view::ColumnKind::Text;

            fn to_value(&self) -> Result<::cqrs::view::Value, ::cqrs::view::ColumnError> {
                Ok(::cqrs::view::Value::Text(self.name().to_owned()))
            }

            fn from_value(
                value: ::cqrs::view::Value,
            ) -> Result<Self, ::cqrs::view::ColumnError> {
                match String::from_value(value)?.as_str() {
                    $($name => Ok($type::$variant),)+
                    other => Err(::cqrs::view::ColumnError::new(format!(
                        concat!("`{}` is no ", stringify!($type)),
                        other
                    ))),
                }
            }
        }
    };
}

pub(crate) use text_column;
