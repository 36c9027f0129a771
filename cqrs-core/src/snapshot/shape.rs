//! ③ The shape of a type, as its `Deserialize` asks for it: structs with their fields, enums with
//! their variants, and so on through the types inside.
//!
//! A derive sees only the names of nested types, so the shape is found by running: the type is
//! asked to read itself from a deserializer that holds nothing but a path to one place, notes what
//! is asked for there, and fails. The idea is that of `serde-reflection`, which has to be shown a
//! valid value of every type that checks what it reads; a path stops at such a type, and goes on
//! beside it.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Places beyond these are not looked at: only a type without end has so many.
const MAX_PLACES: usize = 10_000;

/// How to get from a type to one inside it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    /// The content of an option, a newtype, a list, or the first of a tuple.
    Inside,
    /// A map's value.
    Value,
    Field(&'static str),
    Variant(u32),
}

/// What is asked for at the end of a path.
#[derive(Debug, Default)]
struct Found {
    text: String,
    steps: Vec<Step>,
}

type Failure = serde::de::value::Error;

/// A way to a place, and the named types on it.
#[derive(Debug, Clone, Default)]
struct Way {
    path: Vec<Step>,
    inside: Vec<String>,
}

/// A text that differs whenever the shapes do.
pub(super) fn of<T: DeserializeOwned>() -> String {
    let mut shape = String::new();
    let mut ways = VecDeque::from([Way::default()]);
    for _ in 0..MAX_PLACES {
        let Some(mut way) = ways.pop_front() else {
            break;
        };
        let found = look::<T>(&way.path);
        shape.push_str(&found.text);
        shape.push('\n');
        // A type that holds itself is looked into once.
        if way.inside.contains(&found.text) {
            continue;
        }
        if found.text.contains('{') {
            way.inside.push(found.text);
        }
        for step in found.steps {
            let mut further = way.clone();
            further.path.push(step);
            ways.push_back(further);
        }
    }
    shape
}

fn look<T: DeserializeOwned>(path: &[Step]) -> Found {
    let found = RefCell::new(Found::default());
    let place = Place {
        path,
        found: &found,
    };
    // It always fails: what counts is what was asked for on the way.
    let _ = T::deserialize(place);
    found.into_inner()
}

/// A deserializer that holds a path and nothing else.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p [Step],
    found: &'p RefCell<Found>,
}

impl Place<'_> {
    fn next(self) -> Option<(Step, Self)> {
        let (step, path) = self.path.split_first()?;
        Some((*step, Self { path, ..self }))
    }

    /// Notes what is asked for here, if the path ends here.
    fn note(self, text: String, steps: Vec<Step>) -> Failure {
        if self.path.is_empty() {
            *self.found.borrow_mut() = Found { text, steps };
        }
        Failure::custom("only the shape is asked for")
    }

    fn list<'de, V: Visitor<'de>>(self, text: String, visitor: V) -> Result<V::Value, Failure> {
        match self.next() {
            Some((_, place)) => visitor.visit_seq(Once(Some(place))),
            None => Err(self.note(text, vec![Step::Inside])),
        }
    }

    fn fields<'de, V: Visitor<'de>>(
        self,
        what: &str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.next() {
            Some((step, place)) => visitor.visit_map(Entry { step, place }),
            None => {
                let steps = fields.iter().map(|field| Step::Field(field)).collect();
                Err(self.note(format!("{what} {{{}}}", fields.join(", ")), steps))
            }
        }
    }
}

macro_rules! leaves {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Failure> {
                Err(self.note(stringify!($method).to_owned(), Vec::new()))
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Failure;

    leaves! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.next() {
            Some((_, place)) => visitor.visit_some(place),
            None => Err(self.note("option".to_owned(), vec![Step::Inside])),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Failure> {
        Err(self.note(format!("unit {name}"), Vec::new()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.next() {
            Some((_, place)) => visitor.visit_newtype_struct(place),
            None => Err(self.note(format!("newtype {name}"), vec![Step::Inside])),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.list("list".to_owned(), visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.list(format!("tuple of {length}"), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.list(format!("tuple {name} of {length}"), visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.next() {
            Some((step, place)) => visitor.visit_map(Entry { step, place }),
            None => Err(self.note("map".to_owned(), vec![Step::Inside, Step::Value])),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.fields(&format!("struct {name}"), fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.next() {
            Some((Step::Variant(index), place)) => visitor.visit_enum(Chosen { index, place }),
            Some(_) => Err(Failure::custom("a step that leads nowhere")),
            None => {
                let steps = (0..).zip(variants).map(|(index, _)| Step::Variant(index));
                let text = format!("enum {name} {{{}}}", variants.join(", "));
                Err(self.note(text, steps.collect()))
            }
        }
    }
}

/// A list of one element.
struct Once<'p>(Option<Place<'p>>);

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        let place = self.0.take();
        place.map(|place| seed.deserialize(place)).transpose()
    }
}

/// A map or a struct of one entry.
struct Entry<'p> {
    step: Step,
    place: Place<'p>,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let key = match self.step {
            Step::Field(name) => seed.deserialize(StrDeserializer::<Failure>::new(name)),
            Step::Inside => seed.deserialize(self.place),
            // A key that is no text ends the path here.
            Step::Value | Step::Variant(_) => seed.deserialize("".into_deserializer()),
        };
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        seed.deserialize(self.place)
    }
}

/// A variant, by its place in the list.
struct Chosen<'p> {
    index: u32,
    place: Place<'p>,
}

impl<'de, 'p> EnumAccess<'de> for Chosen<'p> {
    type Error = Failure;
    type Variant = Content<'p>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'p>), Failure> {
        let index: U32Deserializer<Failure> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, Content(self.place)))
    }
}

/// What a variant holds: of the same forms as types without a name.
struct Content<'p>(Place<'p>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        Err(self.0.note("unit".to_owned(), Vec::new()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        match self.0.next() {
            Some((_, place)) => seed.deserialize(place),
            None => Err(self.0.note("newtype".to_owned(), vec![Step::Inside])),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.0.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.0.fields("fields", fields, visitor)
    }
}

#[cfg(test)]
mod tests;
