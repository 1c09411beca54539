//! One answer to a list request, cut into its resources, whatever the server made of the RFC.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::brief::{Each, Scalar, Values, keys};
use crate::message::ErrorBody;

mod error;
mod nesting;

pub use error::{Found, ReadError};
pub use nesting::MAX_DEPTH;

pub use error::JsonKind;
pub(crate) use error::{as_utf8, first_thing, looks_like_html};

/// One answer to a list request (RFC 7644 §3.4.2, RFC 9865 §2), its resources not read yet.
#[derive(Debug)]
pub struct Page<'a> {
    /// How many resources match in all; `None` when the server did not say, or not in a way that can be understood.
    pub total: Option<u64>,
    /// The place of the first resource in all results, counted from 1.
    pub start_index: Option<u64>,
    /// How many resources the server says are here; count [`Page::resources`] instead.
    pub items_per_page: Option<u64>,
    /// The cursor of the next page. Empty ones count as none.
    pub next_cursor: Option<Cow<'a, str>>,
    /// The cursor of the page before.
    pub previous_cursor: Option<Cow<'a, str>>,
    /// The resources: objects, each sound JSON, none deeper than [`MAX_DEPTH`].
    pub resources: Vec<&'a RawValue>,
    /// Whether `schemas` names the ListResponse message.
    pub schemas_ok: bool,
    /// In which ways the answer is not what the RFC asks for.
    pub quirks: Vec<Quirk>,
}

/// A way in which a list answer is not what the RFC asks for, and was understood all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quirk {
    /// A name is written in another case, as in `resources`.
    NameCase(String),
    /// `schemas` is missing or does not name the ListResponse message.
    Schemas,
    /// `totalResults` is missing.
    TotalMissing,
    /// A number is written as text or with a fraction.
    NumberForm(&'static str),
    /// A number cannot be understood.
    NumberUnreadable(&'static str),
    /// `Resources` is null.
    ResourcesNull,
    /// `Resources` is missing although `totalResults` is not 0.
    ResourcesMissing,
    /// `Resources` is one resource and not a list.
    ResourcesSingle,
    /// `Resources` occurs more than once; the first that is not empty counts.
    ResourcesTwice,
    /// The answer is one resource and not a list.
    BareResource,
    /// So many entries of `Resources` are no objects; they are left out.
    NotObjects(usize),
    /// A cursor is an empty text.
    EmptyCursor,
    /// `totalResults` is smaller than the number of resources that are here.
    TotalTooSmall,
    /// A byte order mark stands at the beginning.
    ByteOrderMark,
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameCase(name) => write!(f, "writes {name} in another case than the RFC"),
            Self::Schemas => f.write_str("does not call its list a ListResponse"),
            Self::TotalMissing => f.write_str("leaves totalResults out"),
            Self::NumberForm(name) => write!(f, "writes {name} as text or with a fraction"),
            Self::NumberUnreadable(name) => write!(f, "writes {name} so that it cannot be understood"),
            Self::ResourcesNull => f.write_str("sends null for Resources"),
            Self::ResourcesMissing => f.write_str("leaves Resources out"),
            Self::ResourcesSingle => f.write_str("sends one resource where a list should be"),
            Self::ResourcesTwice => f.write_str("sends Resources twice"),
            Self::BareResource => f.write_str("answers a list request with one resource"),
            Self::NotObjects(count) => write!(f, "has {count} entries in Resources that are no objects"),
            Self::EmptyCursor => f.write_str("sends an empty cursor"),
            Self::TotalTooSmall => f.write_str("sends more resources than totalResults says"),
            Self::ByteOrderMark => f.write_str("begins with a byte order mark"),
        }
    }
}

impl<'a> Page<'a> {
    /// Reads the body of an answer to a list request.
    ///
    /// Takes time in proportion to the body, and no more stack for a deeper one.
    ///
    /// # Errors
    /// [`ReadError`] tells apart what came instead of a list.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let (body, marked) = match body.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => (rest, true),
            None => (body, false),
        };
        let text = as_utf8(body)?;
        let kind = first_thing(text)?;
        let page = if kind == JsonKind::Object {
            let mut json = serde_json::Deserializer::from_str(text);
            let raw = json.deserialize_map(Members).and_then(|raw| json.end().map(|()| raw));
            raw.map_err(|error| ReadError::from_json(text, &error))
                .and_then(|raw| raw.page(text, marked))
        } else {
            let sound = serde_json::from_str::<IgnoredAny>(text).map_err(|error| ReadError::from_json(text, &error));
            sound.and(Err(ReadError::NotAList { found: Found::Kind(kind) }))
        };
        match page {
            Ok(page) => {
                for resource in &page.resources {
                    let outer = if page.quirks.contains(&Quirk::BareResource) { 0 } else { 2 };
                    nesting::check(resource.get(), outer).map_err(|error| error.within(text, resource.get()))?;
                }
                Ok(page)
            }
            Err(error) => {
                // What is broken and too deep is told as too deep: the one is often the cause of the other.
                nesting::check(text, 0)?;
                Err(error)
            }
        }
    }
}

keys! {
    PageKey {
        Resources = "Resources",
        Total = "totalResults",
        Start = "startIndex",
        PerPage = "itemsPerPage",
        Next = "nextCursor",
        Previous = "previousCursor",
        Schemas = "schemas",
        Id = "id",
        UserName = "userName",
        DisplayName = "displayName",
        Status = "status",
        Detail = "detail",
        ScimType = "scimType",
    } else Other
}

/// The members of the answer, as they came.
#[derive(Default)]
struct Raw<'a> {
    numbers: [Option<Scalar<'a>>; 3],
    cursors: [Option<Scalar<'a>>; 2],
    resources: Option<Items<'a>>,
    schemas: Vec<Cow<'a, str>>,
    has_id: bool,
    has_name: bool,
    is_error: bool,
    names: Vec<String>,
    quirks: Vec<Quirk>,
}

/// What stands under `Resources`.
enum Items<'a> {
    Null,
    List { items: Vec<&'a RawValue>, others: usize },
    Single,
    Wrong(JsonKind),
}

const NUMBERS: [&str; 3] = ["totalResults", "startIndex", "itemsPerPage"];

impl<'a> Raw<'a> {
    fn page(mut self, text: &'a str, marked: bool) -> Result<Page<'a>, ReadError> {
        if marked {
            self.quirks.push(Quirk::ByteOrderMark);
        }
        let schemas_ok = self.schemas.iter().any(|urn| urn.eq_ignore_ascii_case(crate::urn::LIST_RESPONSE));
        let mut numbers = [None; 3];
        for (index, given) in std::mem::take(&mut self.numbers).into_iter().enumerate() {
            let Some(given) = given.filter(|given| *given != Scalar::Null) else {
                continue;
            };
            numbers[index] = given.count();
            match (&given, numbers[index]) {
                (Scalar::Whole(_), _) => {}
                (_, Some(_)) => self.quirks.push(Quirk::NumberForm(NUMBERS[index])),
                (_, None) => self.quirks.push(Quirk::NumberUnreadable(NUMBERS[index])),
            }
        }
        let [total, start_index, items_per_page] = numbers;
        let resources = match self.resources.take() {
            Some(Items::List { items, others }) => {
                if others > 0 {
                    self.quirks.push(Quirk::NotObjects(others));
                }
                items
            }
            Some(Items::Null) => {
                self.quirks.push(Quirk::ResourcesNull);
                Vec::new()
            }
            Some(Items::Single) => {
                self.quirks.push(Quirk::ResourcesSingle);
                single(text)?
            }
            Some(Items::Wrong(found)) => {
                return Err(ReadError::WrongType {
                    what: "Resources".to_owned(),
                    wanted: "a list",
                    found,
                });
            }
            None if self.is_one_resource() => {
                self.quirks.push(Quirk::BareResource);
                let whole: &RawValue = serde_json::from_str(text).map_err(|error| ReadError::from_json(text, &error))?;
                return Ok(Page {
                    total: Some(1),
                    start_index: None,
                    items_per_page: None,
                    next_cursor: None,
                    previous_cursor: None,
                    resources: vec![whole],
                    schemas_ok: false,
                    quirks: self.quirks,
                });
            }
            None if total.is_some() || schemas_ok => {
                if total != Some(0) {
                    self.quirks.push(Quirk::ResourcesMissing);
                }
                Vec::new()
            }
            None => return Err(ReadError::NotAList { found: self.instead(text) }),
        };
        let [next, previous] = std::mem::take(&mut self.cursors);
        let mut cursor = |given: Option<Scalar<'a>>| {
            if given == Some(Scalar::Text(Cow::Borrowed(""))) {
                self.quirks.push(Quirk::EmptyCursor);
            }
            given.and_then(Scalar::text)
        };
        let next_cursor = cursor(next);
        let previous_cursor = cursor(previous);
        if !schemas_ok {
            self.quirks.push(Quirk::Schemas);
        }
        match total {
            // RFC 9865 §2.1: with cursors a server may leave the total out.
            None if next_cursor.is_none() && previous_cursor.is_none() => self.quirks.push(Quirk::TotalMissing),
            Some(total) if total < resources.len() as u64 => self.quirks.push(Quirk::TotalTooSmall),
            _ => {}
        }
        Ok(Page {
            total,
            start_index,
            items_per_page,
            next_cursor,
            previous_cursor,
            resources,
            schemas_ok,
            quirks: self.quirks,
        })
    }

    fn is_one_resource(&self) -> bool {
        let message = self
            .schemas
            .iter()
            .any(|urn| crate::text::starts_with(urn, "urn:ietf:params:scim:api:messages:"));
        self.has_id && self.has_name && !message
    }

    /// What an object is that is no list.
    fn instead(self, text: &str) -> Found {
        let is_error = self.schemas.iter().any(|urn| urn.eq_ignore_ascii_case(crate::urn::ERROR));
        if (is_error || self.is_error)
            && let Ok(body) = serde_json::from_str::<ErrorBody>(text)
        {
            return Found::Error(Box::new(body));
        }
        match self.schemas.into_iter().next() {
            Some(schema) => Found::Schema(schema.into_owned()),
            None => Found::Object(self.names),
        }
    }
}

/// The one resource under `Resources`: a second walk, for a rare case.
fn single(text: &str) -> Result<Vec<&RawValue>, ReadError> {
    struct Single;
    impl<'de> Visitor<'de> for Single {
        type Value = Option<&'de RawValue>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<PageKey>()? {
                if key == PageKey::Resources {
                    found = map
                        .next_value::<&'de RawValue>()
                        .map(Some)?
                        .filter(|raw| raw.get().starts_with('{'))
                        .or(found);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let found = serde_json::Deserializer::from_str(text).deserialize_map(Single);
    Ok(found.map_err(|error| ReadError::from_json(text, &error))?.into_iter().collect())
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw<'de>, A::Error> {
        let mut raw = Raw::default();
        while let Some(NamedKey { key, name }) = map.next_key::<NamedKey<'de>>()? {
            if let Some(proper) = proper_name(key)
                && proper != name
            {
                raw.quirks.push(Quirk::NameCase(proper.to_owned()));
            }
            match key {
                PageKey::Resources => {
                    let items = map.next_value_seed(ItemsSeed)?;
                    match &raw.resources {
                        Some(Items::List { items, .. }) if !items.is_empty() => raw.quirks.push(Quirk::ResourcesTwice),
                        None => raw.resources = Some(items),
                        Some(_) => {
                            raw.quirks.push(Quirk::ResourcesTwice);
                            raw.resources = Some(items);
                        }
                    }
                }
                PageKey::Total => raw.numbers[0] = Some(map.next_value()?),
                PageKey::Start => raw.numbers[1] = Some(map.next_value()?),
                PageKey::PerPage => raw.numbers[2] = Some(map.next_value()?),
                PageKey::Next => raw.cursors[0] = Some(map.next_value()?),
                PageKey::Previous => raw.cursors[1] = Some(map.next_value()?),
                PageKey::Schemas => raw.schemas = map.next_value::<Each<Texts<'de>>>()?.0.0,
                PageKey::Id => raw.has_id = map.next_value::<Scalar<'de>>()?.text().is_some(),
                PageKey::UserName | PageKey::DisplayName => raw.has_name |= map.next_value::<Scalar<'de>>()?.text().is_some(),
                PageKey::Status | PageKey::Detail | PageKey::ScimType => {
                    raw.is_error = true;
                    map.next_value::<IgnoredAny>()?;
                }
                PageKey::Other => {
                    if raw.names.len() < 8 {
                        raw.names.push(name.chars().take(40).collect());
                    }
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(raw)
    }
}

/// The name whose case matters to tell a quirk.
fn proper_name(key: PageKey) -> Option<&'static str> {
    Some(match key {
        PageKey::Resources => "Resources",
        PageKey::Total => "totalResults",
        PageKey::Start => "startIndex",
        PageKey::PerPage => "itemsPerPage",
        PageKey::Next => "nextCursor",
        PageKey::Previous => "previousCursor",
        PageKey::Schemas => "schemas",
        _ => return None,
    })
}

/// A key with the name as it was written.
struct NamedKey<'a> {
    key: PageKey,
    name: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for NamedKey<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = match Scalar::deserialize(deserializer)? {
            Scalar::Text(name) => name,
            // JSON has no other names.
            _ => Cow::Borrowed(""),
        };
        Ok(Self {
            key: PageKey::of(&name),
            name,
        })
    }
}

/// A list of texts, or one.
#[derive(Default)]
struct Texts<'a>(Vec<Cow<'a, str>>);

impl<'de> Values<'de> for Texts<'de> {
    type One = Scalar<'de>;

    fn add(&mut self, one: Scalar<'de>) {
        if let Scalar::Text(text) = one {
            self.0.push(text);
        }
    }
}

struct ItemsSeed;

impl<'de> DeserializeSeed<'de> for ItemsSeed {
    type Value = Items<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Items<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<'de>, A::Error> {
        let mut items = Vec::new();
        let mut others = 0;
        while let Some(item) = list.next_element::<&'de RawValue>()? {
            if item.get().starts_with('{') {
                items.push(item);
            } else {
                others += 1;
            }
        }
        Ok(Items::List { items, others })
    }

    fn visit_unit<E>(self) -> Result<Items<'de>, E> {
        Ok(Items::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items<'de>, A::Error> {
        let mut empty = true;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            empty = false;
        }
        // An empty object is how some languages write an empty list.
        Ok(if empty {
            Items::List {
                items: Vec::new(),
                others: 0,
            }
        } else {
            Items::Single
        })
    }

    fn visit_str<E>(self, _: &str) -> Result<Items<'de>, E> {
        Ok(Items::Wrong(JsonKind::Text))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Items<'de>, E> {
        Ok(Items::Wrong(JsonKind::Bool))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Items<'de>, E> {
        Ok(Items::Wrong(JsonKind::Number))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Items<'de>, E> {
        Ok(Items::Wrong(JsonKind::Number))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Items<'de>, E> {
        Ok(Items::Wrong(JsonKind::Number))
    }
}
