//! Users, with the enterprise extension.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Meta, MultiValue, shown};
use crate::fields::{Fields, read_by_value};

/// A user (RFC 7643 §4.1). Extensions but the enterprise one stay in `other`. `Debug` withholds the password.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The URNs of its schemas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<String>>,
    /// The server's id, opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The client's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name for signing in; unique at the server, case does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The parts of the real name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the person is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// The profile page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The relation to the organisation, such as `Employee`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The preferred language, as in `Accept-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The locale for currencies, dates and numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone, such as `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the account may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The password in clear text, in requests only: servers never return it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emails: Option<Vec<MultiValue>>,
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_numbers: Option<Vec<MultiValue>>,
    /// Instant messaging addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ims: Option<Vec<MultiValue>>,
    /// Pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos: Option<Vec<MultiValue>>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<Address>>,
    /// Groups; the server keeps this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<MultiValue>>,
    /// Entitlements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<Vec<MultiValue>>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<MultiValue>>,
    /// Certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x509_certificates: Option<Vec<MultiValue>>,
    /// The enterprise extension.
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    pub enterprise: Option<EnterpriseUser>,
    /// What the server knows about the resource as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown::write("User", self, f)
    }
}

impl User {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas"),
            id: fields.text("id"),
            external_id: fields.text("externalId"),
            user_name: fields.text("userName"),
            name: fields.object("name", Name::from_value),
            display_name: fields.text("displayName"),
            nick_name: fields.text("nickName"),
            profile_url: fields.text("profileUrl"),
            title: fields.text("title"),
            user_type: fields.text("userType"),
            preferred_language: fields.text("preferredLanguage"),
            locale: fields.text("locale"),
            timezone: fields.text("timezone"),
            active: fields.flag("active"),
            password: fields.text("password"),
            emails: fields.objects("emails", MultiValue::from_value),
            phone_numbers: fields.objects("phoneNumbers", MultiValue::from_value),
            ims: fields.objects("ims", MultiValue::from_value),
            photos: fields.objects("photos", MultiValue::from_value),
            addresses: fields.objects("addresses", Address::from_value),
            groups: fields.objects("groups", MultiValue::from_value),
            entitlements: fields.objects("entitlements", MultiValue::from_value),
            roles: fields.objects("roles", MultiValue::from_value),
            x509_certificates: fields.objects("x509Certificates", MultiValue::from_value),
            enterprise: fields.object(
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                EnterpriseUser::from_value,
            ),
            meta: fields.object("meta", Meta::from_value),
            other: fields.rest(),
        }
    }

    /// The e-mail address to show: the primary one, else the first.
    pub fn email(&self) -> Option<&str> {
        let emails = self.emails.as_deref()?;
        let primary = emails.iter().find(|email| email.primary == Some(true) && email.value.is_some());
        primary
            .or_else(|| emails.iter().find(|email| email.value.is_some()))?
            .value
            .as_deref()
    }
}

/// The parts of a person's name (RFC 7643 §4.1.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What stands before the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// What stands after the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Name {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            formatted: fields.text("formatted"),
            family_name: fields.text("familyName"),
            given_name: fields.text("givenName"),
            middle_name: fields.text("middleName"),
            honorific_prefix: fields.text("honorificPrefix"),
            honorific_suffix: fields.text("honorificSuffix"),
            other: fields.rest(),
        }
    }
}

/// A postal address (RFC 7643 §4.1.2).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// The whole address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City or town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What it is for.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Address {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            formatted: fields.text("formatted"),
            street_address: fields.text("streetAddress"),
            locality: fields.text("locality"),
            region: fields.text("region"),
            postal_code: fields.text("postalCode"),
            country: fields.text("country"),
            kind: fields.text("type"),
            primary: fields.flag("primary"),
            other: fields.rest(),
        }
    }
}

/// What an organisation adds to a user (RFC 7643 §4.3).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnterpriseUser {
    /// The employee number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    /// The cost centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl EnterpriseUser {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            employee_number: fields.text("employeeNumber"),
            cost_center: fields.text("costCenter"),
            organization: fields.text("organization"),
            division: fields.text("division"),
            department: fields.text("department"),
            manager: fields.object("manager", Manager::from_value),
            other: fields.rest(),
        }
    }
}

/// A user's manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manager {
    /// The id of the manager's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The URI of the manager's account.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The manager's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Manager {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            value: fields.text("value"),
            reference: fields.text("$ref"),
            display_name: fields.text("displayName"),
            other: fields.rest(),
        }
    }
}

read_by_value!(User, Name, Address, EnterpriseUser, Manager);
