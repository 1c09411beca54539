//! The brief view of a user.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::keys;
use super::member::{MemberRef, Members};
use super::parts::{Each, Of, Part, Values};
use super::scalar::Scalar;
use crate::page::ReadError;

/// What a sync needs of a user, borrowed from its JSON. A text that is empty counts as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserBrief<'a> {
    /// The server's id; empty when the user has none.
    pub id: Cow<'a, str>,
    /// The client's id.
    pub external_id: Option<Cow<'a, str>>,
    /// The name for signing in.
    pub user_name: Option<Cow<'a, str>>,
    /// The name to show: `displayName`, else `name.formatted`, else given and family name, else `nickName`.
    pub display_name: Option<Cow<'a, str>>,
    /// The e-mail address: the primary one, else the first.
    pub email: Option<Cow<'a, str>>,
    /// Whether the account may be used; `None` when the server did not say.
    pub active: Option<bool>,
    /// The job title.
    pub title: Option<Cow<'a, str>>,
    /// The relation to the organisation, such as `Employee`.
    pub user_type: Option<Cow<'a, str>>,
    /// The locale.
    pub locale: Option<Cow<'a, str>>,
    /// The department, from the enterprise extension or the top of the resource.
    pub department: Option<Cow<'a, str>>,
    /// The organisation, likewise.
    pub organization: Option<Cow<'a, str>>,
    /// The employee number, likewise.
    pub employee_number: Option<Cow<'a, str>>,
    /// The id of the manager, likewise.
    pub manager_id: Option<Cow<'a, str>>,
    /// The name of the manager, likewise.
    pub manager_display: Option<Cow<'a, str>>,
    /// When the account was made, in milliseconds since the Unix epoch.
    pub created: Option<i64>,
    /// When the account was last changed, in milliseconds since the Unix epoch.
    pub last_modified: Option<i64>,
    /// The ETag from `meta.version`.
    pub version: Option<Cow<'a, str>>,
    /// How many roles the account has.
    pub roles_count: u32,
    /// How many entitlements the account has.
    pub entitlements_count: u32,
    /// The groups that the server lists at the user. `None` means that it did not say, which is not the same as an empty list.
    pub groups: Option<Vec<MemberRef<'a>>>,
}

impl<'a> UserBrief<'a> {
    /// Reads a user from its JSON.
    ///
    /// # Errors
    /// [`ReadError`] when the text is no JSON or no object.
    pub fn read(json: &'a [u8]) -> Result<Self, ReadError> {
        super::read(json)
    }
}

keys! {
    UserKey {
        Id = "id",
        ExternalId = "externalId",
        UserName = "userName",
        DisplayName = "displayName",
        Name = "name",
        NickName = "nickName",
        Emails = "emails" | "email",
        Active = "active",
        Title = "title",
        UserType = "userType",
        Locale = "locale",
        Meta = "meta",
        Roles = "roles",
        Entitlements = "entitlements",
        Groups = "groups",
        Department = "department",
        Organization = "organization",
        EmployeeNumber = "employeeNumber",
        Manager = "manager",
        Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    } else Other, is_older_enterprise => OlderEnterprise
}

/// The enterprise extension as SCIM 1.1 named it.
fn is_older_enterprise(name: &str) -> bool {
    name.len() > 24 && name.eq_ignore_ascii_case("urn:scim:schemas:extension:enterprise:1.0")
}

#[derive(Default)]
struct Name<'a> {
    formatted: Option<Cow<'a, str>>,
    given: Option<Cow<'a, str>>,
    family: Option<Cow<'a, str>>,
}

keys! { NameKey { Formatted = "formatted", Given = "givenName", Family = "familyName" } else Other }

impl<'de> Part<'de> for Name<'de> {
    fn of_text(text: Cow<'de, str>) -> Self {
        Self {
            formatted: Some(text),
            ..Self::default()
        }
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut name = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                NameKey::Formatted => name.formatted = map.next_value::<Scalar<'de>>()?.text(),
                NameKey::Given => name.given = map.next_value::<Scalar<'de>>()?.text(),
                NameKey::Family => name.family = map.next_value::<Scalar<'de>>()?.text(),
                NameKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(name)
    }
}

impl<'a> Name<'a> {
    fn full(self) -> Option<Cow<'a, str>> {
        match (self.formatted.filter(|text| !text.is_empty()), self.given, self.family) {
            (Some(formatted), ..) => Some(formatted),
            (None, Some(given), Some(family)) => Some(Cow::Owned(format!("{given} {family}"))),
            (None, given, family) => given.or(family),
        }
    }
}

/// `meta` of any resource.
#[derive(Default)]
pub(super) struct Meta<'a> {
    pub(super) created: Option<i64>,
    pub(super) last_modified: Option<i64>,
    pub(super) version: Option<Cow<'a, str>>,
}

keys! { MetaKey { Created = "created", LastModified = "lastModified", Version = "version" } else Other }

impl<'de> Part<'de> for Meta<'de> {
    fn of_text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut meta = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                MetaKey::Created => meta.created = map.next_value::<Scalar<'de>>()?.time(),
                MetaKey::LastModified => meta.last_modified = map.next_value::<Scalar<'de>>()?.time(),
                MetaKey::Version => meta.version = map.next_value::<Scalar<'de>>()?.text(),
                MetaKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(meta)
    }
}

#[derive(Default)]
struct Manager<'a> {
    id: Option<Cow<'a, str>>,
    display: Option<Cow<'a, str>>,
}

keys! { ManagerKey { Value = "value" | "managerId", Display = "displayName" | "display" } else Other }

impl<'de> Part<'de> for Manager<'de> {
    fn of_text(text: Cow<'de, str>) -> Self {
        Self {
            id: Some(text),
            ..Self::default()
        }
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut manager = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                ManagerKey::Value => manager.id = map.next_value::<Scalar<'de>>()?.text().or(manager.id),
                ManagerKey::Display => manager.display = map.next_value::<Scalar<'de>>()?.text().or(manager.display),
                ManagerKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(manager)
    }
}

#[derive(Default)]
struct Enterprise<'a> {
    department: Option<Cow<'a, str>>,
    organization: Option<Cow<'a, str>>,
    employee_number: Option<Cow<'a, str>>,
    manager: Manager<'a>,
}

keys! {
    EnterpriseKey {
        Department = "department", Organization = "organization", EmployeeNumber = "employeeNumber", Manager = "manager",
    } else Other
}

impl<'de> Part<'de> for Enterprise<'de> {
    fn of_text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut enterprise = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                EnterpriseKey::Department => enterprise.department = map.next_value::<Scalar<'de>>()?.text(),
                EnterpriseKey::Organization => enterprise.organization = map.next_value::<Scalar<'de>>()?.text(),
                EnterpriseKey::EmployeeNumber => enterprise.employee_number = map.next_value::<Scalar<'de>>()?.text(),
                EnterpriseKey::Manager => enterprise.manager = map.next_value::<Of<Manager<'de>>>()?.0,
                EnterpriseKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(enterprise)
    }
}

#[derive(Default)]
struct Email<'a> {
    value: Option<Cow<'a, str>>,
    primary: bool,
}

keys! { EmailKey { Value = "value" | "email" | "address", Primary = "primary" } else Other }

impl<'de> Part<'de> for Email<'de> {
    fn of_text(text: Cow<'de, str>) -> Self {
        Self {
            value: Some(text),
            ..Self::default()
        }
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut email = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                EmailKey::Value => email.value = map.next_value::<Scalar<'de>>()?.text().or(email.value),
                EmailKey::Primary => email.primary = map.next_value::<Scalar<'de>>()?.flag() == Some(true),
                EmailKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(email)
    }
}

/// The address to show of several.
#[derive(Default)]
struct Emails<'a> {
    best: Option<Cow<'a, str>>,
    primary: bool,
}

impl<'de> Values<'de> for Emails<'de> {
    type One = Of<Email<'de>>;

    fn add(&mut self, Of(email): Of<Email<'de>>) {
        let better = self.best.is_none() || (email.primary && !self.primary);
        if let Some(value) = email.value.filter(|value| better && !value.is_empty()) {
            self.best = Some(value);
            self.primary = email.primary;
        }
    }
}

/// One value of which only its being there is of interest.
struct Something(bool);

impl<'de> Deserialize<'de> for Something {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|value| Self(!matches!(value, Scalar::Null) && value != Scalar::Text(Cow::Borrowed(""))))
    }
}

#[derive(Default)]
struct Count(u32);

impl<'de> Values<'de> for Count {
    type One = Something;

    fn add(&mut self, one: Something) {
        self.0 = self.0.saturating_add(u32::from(one.0));
    }
}

impl<'de> Deserialize<'de> for UserBrief<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct User;
        impl<'de> Visitor<'de> for User {
            type Value = UserBrief<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a user")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UserBrief<'de>, A::Error> {
                let mut user = UserBrief::default();
                let mut name = Name::default();
                let mut nick = None;
                // What stands at the top although the extension is its place; the extension's own values win.
                let mut top = Enterprise::default();
                let mut extension = Enterprise::default();
                macro_rules! text {
                    ($field:expr) => {
                        if let Some(text) = map.next_value::<Scalar<'de>>()?.text() {
                            $field = Some(text);
                        }
                    };
                }
                while let Some(key) = map.next_key::<UserKey>()? {
                    match key {
                        UserKey::Id => {
                            if let Some(id) = map.next_value::<Scalar<'de>>()?.text() {
                                user.id = id;
                            }
                        }
                        UserKey::ExternalId => text!(user.external_id),
                        UserKey::UserName => text!(user.user_name),
                        UserKey::DisplayName => text!(user.display_name),
                        UserKey::Name => name = map.next_value::<Of<Name<'de>>>()?.0,
                        UserKey::NickName => text!(nick),
                        UserKey::Emails => user.email = map.next_value::<Each<Emails<'de>>>()?.0.best.or(user.email),
                        UserKey::Active => user.active = map.next_value::<Scalar<'de>>()?.flag().or(user.active),
                        UserKey::Title => text!(user.title),
                        UserKey::UserType => text!(user.user_type),
                        UserKey::Locale => text!(user.locale),
                        UserKey::Meta => {
                            let Of(meta) = map.next_value::<Of<Meta<'de>>>()?;
                            user.created = meta.created.or(user.created);
                            user.last_modified = meta.last_modified.or(user.last_modified);
                            user.version = meta.version.or(user.version);
                        }
                        UserKey::Roles => user.roles_count = map.next_value::<Each<Count>>()?.0.0,
                        UserKey::Entitlements => user.entitlements_count = map.next_value::<Each<Count>>()?.0.0,
                        UserKey::Groups => user.groups = map.next_value::<Each<Members<'de>>>()?.0.0.or(user.groups),
                        UserKey::Department => text!(top.department),
                        UserKey::Organization => text!(top.organization),
                        UserKey::EmployeeNumber => text!(top.employee_number),
                        UserKey::Manager => top.manager = map.next_value::<Of<Manager<'de>>>()?.0,
                        UserKey::Enterprise | UserKey::OlderEnterprise => extension = map.next_value::<Of<Enterprise<'de>>>()?.0,
                        UserKey::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                user.display_name = user.display_name.or_else(|| name.full()).or(nick);
                user.department = extension.department.or(top.department);
                user.organization = extension.organization.or(top.organization);
                user.employee_number = extension.employee_number.or(top.employee_number);
                user.manager_id = extension.manager.id.or(top.manager.id).filter(|id| !id.is_empty());
                user.manager_display = extension.manager.display.or(top.manager.display);
                Ok(user)
            }
        }
        deserializer.deserialize_map(User)
    }
}
