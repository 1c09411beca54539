//! A YAML text as a tree that knows where each value stands, so that what is wrong with a value can be told with its line and column.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl Place {
    /// The beginning.
    pub const START: Self = Self { line: 1, column: 1 };

    pub(crate) fn of(location: serde_saphyr::Location) -> Self {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        Self {
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

/// A value whose parts know their places.
#[derive(Debug, Default)]
pub enum Tree {
    /// A text, a number, nothing.
    #[default]
    Leaf,
    /// A list.
    List(Vec<(Place, Tree)>),
    /// Members by name.
    Map(Vec<(String, Place, Tree)>),
}

impl Tree {
    /// The tree of a text; a leaf where it cannot be read.
    pub fn read(text: &str) -> Self {
        serde_saphyr::from_str(text).unwrap_or_default()
    }

    /// Where a value stands, by its path (`systems.1.source`); the nearest above it that is there.
    pub fn place(&self, path: &str) -> Place {
        let parts: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
        self.place_at(&parts)
    }

    /// The same, by the parts of the path, which may have dots in them.
    pub fn place_at(&self, path: &[&str]) -> Place {
        let (mut at, mut tree) = (Place::START, self);
        for part in path {
            let found = match tree {
                Self::Leaf => None,
                Self::List(items) => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                    .map(|(place, item)| (*place, item)),
                Self::Map(members) => members
                    .iter()
                    .find(|(name, _, _)| name == part)
                    .map(|(_, place, item)| (*place, item)),
            };
            let Some(found) = found else { break };
            (at, tree) = found;
        }
        at
    }
}

/// Where a text cannot be read, and why, without what stands there.
pub(crate) fn told(error: &serde_saphyr::Error) -> (Place, String) {
    let place = error.location().map_or(Place::START, Place::of);
    let told = error.without_snippet().to_string();
    // The place is told beside it.
    let told = told.split(" at line ").next().unwrap_or(&told);
    (place, told.trim_start_matches("error: ").to_owned())
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
                Tree::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element::<Spanned<Tree>>()? {
                    all.push((Place::of(item.referenced), item.value));
                }
                Ok(Tree::List(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
                let mut all = Vec::new();
                while let Some((name, item)) = members.next_entry::<String, Spanned<Tree>>()? {
                    all.push((name, Place::of(item.referenced), item.value));
                }
                Ok(Tree::Map(all))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
