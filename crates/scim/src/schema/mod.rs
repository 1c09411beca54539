//! Schema definitions (RFC 7643 §7), what a server says about itself, and the catalog of known attributes.

mod catalog;
mod config;
mod core;
mod resource_type;

pub use catalog::{Catalog, Found};
pub use config::{AuthenticationScheme, BulkSupport, FilterSupport, PaginationMethod, PaginationSupport, ServiceProviderConfig, Supported};
pub use core::{core_schemas, service_schemas};
pub use resource_type::{ResourceType, SchemaExtension};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fields::{Fields, read_by_value};
use crate::text;

/// A schema: the attributes of a kind of resource or of an extension (RFC 7643 §7).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The schemas of this resource itself; servers before RFC 7643 leave it out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// The schema's URN; empty when the server left it out.
    pub id: String,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Members that are not named above, as they were, `meta` among them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Schema {
    /// Reads a schema tolerantly; what is missing or cannot be understood is unknown.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas").unwrap_or_default(),
            id: fields.text("id").unwrap_or_default(),
            name: fields.text("name"),
            description: fields.text("description"),
            attributes: fields.objects("attributes", Attribute::from_value).unwrap_or_default(),
            other: fields.rest(),
        }
    }

    /// The attribute of that name, whatever its case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// Whether this is a core schema by its URN: its attributes stand at the top of a resource, not under the URN.
    pub fn is_core(&self) -> bool {
        text::starts_with(&self.id, crate::urn::CORE_PREFIX)
    }
}

/// The definition of an attribute (RFC 7643 §7). `None` and empty lists mean that the server did not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The data type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<AttributeType>,
    /// The parts of a complex attribute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
    /// Whether it holds several values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_valued: Option<bool>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it must be present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Values that are suggested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether case matters when its strings are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_exact: Option<bool>,
    /// How it may be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutability: Option<Mutability>,
    /// When it is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<Returned>,
    /// How unique its values are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniqueness: Option<Uniqueness>,
    /// What a reference may point to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Members that are not named above, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Attribute {
    /// Reads a definition tolerantly; what is missing or cannot be understood is unknown.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            name: fields.text("name").unwrap_or_default(),
            kind: fields.word("type", AttributeType::from_name),
            sub_attributes: fields.objects("subAttributes", Self::from_value).unwrap_or_default(),
            multi_valued: fields.flag("multiValued"),
            description: fields.text("description"),
            required: fields.flag("required"),
            canonical_values: fields.texts("canonicalValues").unwrap_or_default(),
            case_exact: fields.flag("caseExact"),
            mutability: fields.word("mutability", Mutability::from_name),
            returned: fields.word("returned", Returned::from_name),
            uniqueness: fields.word("uniqueness", Uniqueness::from_name),
            reference_types: fields.texts("referenceTypes").unwrap_or_default(),
            other: fields.rest(),
        }
    }

    /// The sub-attribute of that name, whatever its case.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// Whether it holds several values; `false` when the server did not say (the RFC's default).
    pub fn is_multi_valued(&self) -> bool {
        self.multi_valued.unwrap_or(false)
    }

    /// Whether it is complex: by its type, or by having parts.
    pub fn is_complex(&self) -> bool {
        self.kind == Some(AttributeType::Complex) || (self.kind.is_none() && !self.sub_attributes.is_empty())
    }

    /// Whether case matters in its strings. Unsaid, it matters for references and binaries (RFC 7643 §2.3.6, §2.3.7) and for
    /// nothing else (§2.2).
    pub fn is_case_exact(&self) -> bool {
        self.case_exact
            .unwrap_or(matches!(self.kind, Some(AttributeType::Reference | AttributeType::Binary)))
    }
}

/// Declares an enumeration of words that are read in any case and written in the RFC's.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Each of them, in the order of the RFC.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of the RFC.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word in any case.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name().eq_ignore_ascii_case(name.trim()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&name)
                    .ok_or_else(|| serde::de::Error::custom(format!("unknown {} {name:?}", stringify!($name))))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The data types of attributes (RFC 7643 §2.3).
    AttributeType {
        /// Text.
        String = "string",
        /// A truth value.
        Boolean = "boolean",
        /// A number with a fraction.
        Decimal = "decimal",
        /// A whole number.
        Integer = "integer",
        /// A point in time.
        DateTime = "dateTime",
        /// Bytes in base64.
        Binary = "binary",
        /// A URI.
        Reference = "reference",
        /// An object with sub-attributes.
        Complex = "complex",
    }
}

words! {
    /// How an attribute may be changed (RFC 7643 §7).
    Mutability {
        /// The server alone sets it.
        ReadOnly = "readOnly",
        /// It may be changed at any time.
        ReadWrite = "readWrite",
        /// It may be set once.
        Immutable = "immutable",
        /// It may be set, and is never shown.
        WriteOnly = "writeOnly",
    }
}

words! {
    /// When an attribute is returned (RFC 7643 §7).
    Returned {
        /// Always, even when it was excluded.
        Always = "always",
        /// Never.
        Never = "never",
        /// Unless it was excluded.
        Default = "default",
        /// When it was asked for.
        Request = "request",
    }
}

words! {
    /// How unique an attribute's values are (RFC 7643 §7).
    Uniqueness {
        /// Not at all.
        None = "none",
        /// Within the tenant's endpoint.
        Server = "server",
        /// Everywhere.
        Global = "global",
    }
}

read_by_value!(Schema, Attribute);
