//! The known attributes: what filters, PATCH and completion ask.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::{Attribute, AttributeType, Mutability, ResourceType, Returned, Schema, Uniqueness, core_schemas};
use crate::attr::AttrPath;

/// The attributes that are known, from the RFC or from a server's `/Schemas`. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Catalog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    schemas: Vec<Schema>,
    /// URNs, in lower case, that resource types name as their core schema.
    bases: HashSet<String>,
    /// Schema URN in lower case → place in `schemas`.
    by_urn: HashMap<String, usize>,
    /// Attribute name in lower case → places of its definitions, core schemas first.
    by_name: HashMap<String, Vec<(usize, usize)>>,
}

/// An attribute that was found in a catalog.
#[derive(Debug, Clone, Copy)]
pub struct Found<'c> {
    /// The schema that defines it; empty for the common attributes (`id`, `externalId`, `schemas`, `meta`).
    pub schema: &'c str,
    /// Whether its values stand under the schema's URN in a resource and not at its top.
    pub in_extension: bool,
    /// The attribute before the dot.
    pub attribute: &'c Attribute,
    /// The sub-attribute after the dot, where the path has one.
    pub sub: Option<&'c Attribute>,
}

impl<'c> Found<'c> {
    /// What the path names: the sub-attribute if there is one, else the attribute.
    pub fn target(&self) -> &'c Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// The attribute that a comparison with a plain value looks at: the `value` part of a complex attribute.
    pub fn compared(&self) -> &'c Attribute {
        let target = self.target();
        if target.is_complex() {
            target.sub("value").unwrap_or(target)
        } else {
            target
        }
    }
}

impl Catalog {
    /// User, the enterprise extension and Group of RFC 7643, and the attributes common to all resources (§3.1).
    pub fn core() -> Self {
        static CORE: OnceLock<Catalog> = OnceLock::new();
        CORE.get_or_init(|| Self::new(core_schemas().to_vec())).clone()
    }

    /// A catalog of these schemas only, and the common attributes. Where several define the same name, a core schema comes
    /// before an extension, and an earlier one before a later.
    pub fn new(schemas: Vec<Schema>) -> Self {
        Self::build(schemas, HashSet::new())
    }

    fn build(schemas: Vec<Schema>, bases: HashSet<String>) -> Self {
        let mut by_urn = HashMap::new();
        let mut by_name: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        let mut order: Vec<usize> = (0..schemas.len()).collect();
        order.sort_by_key(|index| !is_base(&schemas[*index].id, &bases));
        for index in order {
            by_urn.insert(schemas[index].id.to_ascii_lowercase(), index);
            for (place, attribute) in schemas[index].attributes.iter().enumerate() {
                by_name.entry(attribute.name.to_ascii_lowercase()).or_default().push((index, place));
            }
        }
        Self {
            inner: Arc::new(Inner {
                schemas,
                bases,
                by_urn,
                by_name,
            }),
        }
    }

    /// This catalog and these schemas; one with the same URN replaces the one before.
    #[must_use]
    pub fn with(&self, schemas: &[Schema]) -> Self {
        let mut all = self.inner.schemas.clone();
        for schema in schemas {
            match all.iter_mut().find(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
                Some(known) => *known = schema.clone(),
                None => all.push(schema.clone()),
            }
        }
        Self::build(all, self.inner.bases.clone())
    }

    /// This catalog, with the core schemas that these resource types name known as such. Without it a schema counts as core
    /// only when its URN begins like the RFC's own.
    #[must_use]
    pub fn with_types(&self, types: &[ResourceType]) -> Self {
        let mut bases = self.inner.bases.clone();
        bases.extend(
            types
                .iter()
                .filter_map(|kind| kind.schema.as_ref())
                .map(|urn| urn.to_ascii_lowercase()),
        );
        Self::build(self.inner.schemas.clone(), bases)
    }

    /// Only the schemas with these URNs, in that order: the catalog of one resource type.
    #[must_use]
    pub fn only(&self, urns: &[&str]) -> Self {
        let schemas = urns.iter().filter_map(|urn| self.schema(urn)).cloned().collect();
        Self::build(schemas, self.inner.bases.clone())
    }

    /// The schemas, in the order in which they were added.
    pub fn schemas(&self) -> &[Schema] {
        &self.inner.schemas
    }

    /// The schema with that URN, whatever its case.
    pub fn schema(&self, urn: &str) -> Option<&Schema> {
        self.inner
            .by_urn
            .get(&urn.to_ascii_lowercase())
            .map(|index| &self.inner.schemas[*index])
    }

    /// Whether the attributes of that schema stand at the top of a resource, and not under its URN.
    pub fn is_core(&self, urn: &str) -> bool {
        is_base(urn, &self.inner.bases)
    }

    /// The definition of what a path names. A plain name is looked for in the core schemas, then among the common attributes,
    /// then in the extensions. `None` when the attribute or the sub-attribute is not known.
    pub fn find(&self, path: &AttrPath) -> Option<Found<'_>> {
        let found = self.find_attribute(path.schema.as_deref(), &path.name)?;
        match &path.sub {
            None => Some(found),
            Some(sub) => Some(Found {
                sub: Some(found.attribute.sub(sub)?),
                ..found
            }),
        }
    }

    /// The definition of an attribute without its sub-attribute.
    pub fn find_attribute(&self, schema: Option<&str>, name: &str) -> Option<Found<'_>> {
        if let Some(urn) = schema {
            let known = self.schema(urn)?;
            let in_extension = !self.is_core(urn);
            return match known.attribute(name) {
                Some(attribute) => Some(Found {
                    schema: &known.id,
                    in_extension,
                    attribute,
                    sub: None,
                }),
                None if !in_extension => common_found(name),
                None => None,
            };
        }
        let places = self.inner.by_name.get(&name.to_ascii_lowercase());
        let first = places.and_then(|places| places.first()).map(|(index, place)| {
            let schema = &self.inner.schemas[*index];
            let in_extension = !self.is_core(&schema.id);
            Found {
                schema: &schema.id,
                in_extension,
                attribute: &schema.attributes[*place],
                sub: None,
            }
        });
        match first {
            Some(found) if !found.in_extension => Some(found),
            other => common_found(name).or(other),
        }
    }

    /// Whether a path names a whole extension that is known.
    pub fn extension(&self, path: &AttrPath) -> Option<&Schema> {
        let urn = path.whole()?;
        self.schema(&urn).filter(|schema| !self.is_core(&schema.id))
    }

    /// Each attribute and sub-attribute that is known, with its path: core and common ones plain, the others with their URN.
    /// Where several core schemas define the same name, it comes once.
    pub fn paths(&self) -> Vec<(AttrPath, &Attribute)> {
        let mut seen = HashSet::new();
        let mut paths = Vec::new();
        let mut add = |schema: Option<&str>, attribute: &'_ Attribute| {
            let path = AttrPath {
                schema: schema.map(str::to_owned),
                name: attribute.name.clone(),
                sub: None,
            };
            seen.insert(path.clone()).then_some(path)
        };
        let mut all: Vec<(Option<&str>, &Attribute)> = Vec::new();
        let (core, extensions): (Vec<&Schema>, Vec<&Schema>) = self.inner.schemas.iter().partition(|schema| self.is_core(&schema.id));
        all.extend(core.iter().flat_map(|schema| &schema.attributes).map(|attribute| (None, attribute)));
        all.extend(common().iter().map(|attribute| (None, attribute)));
        all.extend(
            extensions
                .iter()
                .flat_map(|schema| schema.attributes.iter().map(|attribute| (Some(&*schema.id), attribute))),
        );
        for (schema, attribute) in all {
            if let Some(path) = add(schema, attribute) {
                for sub in &attribute.sub_attributes {
                    paths.push((path.with_sub(Some(&sub.name)), sub));
                }
                // The attribute itself comes before its parts.
                let before = paths.len() - attribute.sub_attributes.len();
                paths.insert(before, (path, attribute));
            }
        }
        paths
    }
}

fn is_base(urn: &str, bases: &HashSet<String>) -> bool {
    crate::text::starts_with(urn, crate::urn::CORE_PREFIX) || bases.contains(&urn.to_ascii_lowercase())
}

fn common_found(name: &str) -> Option<Found<'static>> {
    let attribute = common().iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))?;
    Some(Found {
        schema: "",
        in_extension: false,
        attribute,
        sub: None,
    })
}

/// The attributes that every resource has (RFC 7643 §3.1), and `schemas`.
fn common() -> &'static [Attribute] {
    static COMMON: OnceLock<Vec<Attribute>> = OnceLock::new();
    COMMON.get_or_init(|| {
        let base = |name: &str, kind, mutability, returned| Attribute {
            name: name.to_owned(),
            kind: Some(kind),
            multi_valued: Some(false),
            required: Some(false),
            case_exact: Some(true),
            mutability: Some(mutability),
            returned: Some(returned),
            uniqueness: Some(Uniqueness::None),
            ..Attribute::default()
        };
        let meta = |name: &str, kind| base(name, kind, Mutability::ReadOnly, Returned::Default);
        let mut id = base("id", AttributeType::String, Mutability::ReadOnly, Returned::Always);
        id.required = Some(true);
        id.uniqueness = Some(Uniqueness::Server);
        id.description = Some("The id that the server gave to the resource.".to_owned());
        let mut external = base("externalId", AttributeType::String, Mutability::ReadWrite, Returned::Default);
        external.description = Some("The id that the client gave to the resource.".to_owned());
        let mut schemas = base("schemas", AttributeType::Reference, Mutability::ReadWrite, Returned::Always);
        schemas.multi_valued = Some(true);
        schemas.required = Some(true);
        schemas.case_exact = Some(false);
        schemas.description = Some("The URNs of the schemas that the resource follows.".to_owned());
        let mut all = base("meta", AttributeType::Complex, Mutability::ReadOnly, Returned::Default);
        all.description = Some("What the server knows about the resource as such.".to_owned());
        all.sub_attributes = vec![
            meta("resourceType", AttributeType::String),
            meta("created", AttributeType::DateTime),
            meta("lastModified", AttributeType::DateTime),
            meta("location", AttributeType::Reference),
            meta("version", AttributeType::String),
        ];
        vec![id, external, schemas, all]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<AttributeType> {
        Catalog::core().find(&text.parse().unwrap()).and_then(|found| found.target().kind)
    }

    #[test]
    fn finds_core_common_and_extension_attributes_in_any_case() {
        assert_eq!(kind("USERNAME"), Some(AttributeType::String));
        assert_eq!(kind("name.givenname"), Some(AttributeType::String));
        assert_eq!(kind("meta.lastModified"), Some(AttributeType::DateTime));
        assert_eq!(kind("members.$ref"), Some(AttributeType::Reference));
        assert_eq!(kind("urn:ietf:params:scim:schemas:core:2.0:user:id"), Some(AttributeType::String));
        assert_eq!(
            kind("URN:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"),
            Some(AttributeType::Complex)
        );
        assert_eq!(kind("department"), Some(AttributeType::String));
        assert_eq!(kind("shoeSize"), None);
        assert_eq!(kind("name.shoeSize"), None);
        assert_eq!(kind("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:id"), None);
    }

    #[test]
    fn a_server_can_add_and_replace() {
        let own = Schema::from_value(serde_json::json!({
            "id": "urn:example:params:scim:schemas:extension:2.0:User",
            "attributes": [{"name": "shoeSize", "type": "Integer"}]
        }));
        let catalog = Catalog::core().with(&[own]);
        let found = catalog
            .find(&"urn:example:params:scim:schemas:extension:2.0:User:shoesize".parse().unwrap())
            .unwrap();
        assert!(found.in_extension);
        assert_eq!(found.target().kind, Some(AttributeType::Integer));
        let path = "urn:example:params:scim:schemas:extension:2.0:User".parse().unwrap();
        assert!(catalog.extension(&path).is_some());
        let users = catalog.only(&[crate::urn::USER]);
        assert!(users.find(&"members".parse().unwrap()).is_none());
    }

    #[test]
    fn paths_come_once() {
        let catalog = Catalog::core();
        let paths = catalog.paths();
        let texts: Vec<String> = paths.iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(texts.iter().filter(|text| *text == "displayName").count(), 1);
        assert!(texts.contains(&"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value".to_owned()));
        let name = texts.iter().position(|text| text == "name").unwrap();
        assert_eq!(texts[name + 1], "name.formatted");
    }
}
