//! A source's settings, checked before they are kept.

use std::net::IpAddr;

use url::{Host, Url};

use crate::Error;
use crate::secrets::Origin;
use crate::sources::azure::endpoints;
use crate::view::{AuthSettings, AzureCloud, AzureSettings, SourceKind, SourceSettings};

const LONGEST_NAME: usize = 60;

fn wrong(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Input {
        field,
        problem: problem.into(),
    }
}

/// The settings as they are kept: trimmed, the address without its tail.
///
/// # Errors
/// [`Error::Input`] names the field, what is wrong with it, and what would be right.
pub(super) fn checked<'n>(settings: &SourceSettings, mut others: impl Iterator<Item = &'n str>) -> Result<SourceSettings, Error> {
    let mut settings = settings.clone();
    settings.name = settings.name.trim().to_owned();
    if settings.name.is_empty() {
        return Err(wrong("Name", "give it a name, such as “Workforce IdP”"));
    }
    if settings.name.chars().count() > LONGEST_NAME {
        return Err(wrong("Name", format!("it is longer than {LONGEST_NAME} characters")));
    }
    if settings.name.chars().any(char::is_control) {
        return Err(wrong("Name", "it holds a control character"));
    }
    let lower = settings.name.to_lowercase();
    if others.any(|other| other.to_lowercase() == lower) {
        return Err(wrong("Name", format!("there is a source “{}” already", settings.name)));
    }
    if !settings.auth.fits(settings.kind) {
        return Err(wrong("Authentication", "sources of this kind cannot be asked in this way"));
    }
    match settings.kind {
        SourceKind::Scim => {
            settings.url = base("Base URL", &settings.url, &["/Users", "/Groups", "/ServiceProviderConfig"])?;
            (settings.azure, settings.backstage) = (None, None);
        }
        SourceKind::Backstage => {
            settings.url = base("Base URL", &settings.url, &["/catalog", "/permission", "/auth", "/api"])?;
            let mut backstage = settings.backstage.take().unwrap_or_default();
            backstage.super_users = entity_refs(&backstage.super_users)?;
            (settings.azure, settings.backstage) = (None, Some(backstage));
        }
        SourceKind::Azure => {
            let azure = azure(settings.azure.take().unwrap_or_default())?;
            settings.url = match azure.cloud {
                AzureCloud::Other { .. } => base("Resource Manager URL", &settings.url, &[])?,
                // The cloud says where it is.
                _ => endpoints(&azure.cloud, "").resource_manager,
            };
            (settings.azure, settings.backstage) = (Some(azure), None);
        }
    }
    // The identity provider that others follow speaks SCIM; the others hold copies.
    if settings.authoritative && settings.kind == SourceKind::Backstage {
        return Err(wrong(
            "Authoritative",
            "Backstage takes its people from elsewhere; choose the source that it follows",
        ));
    }
    if let AuthSettings::Basic { user } = &settings.auth
        && (user.trim().is_empty() || user.contains(':'))
    {
        return Err(wrong(
            "User name",
            "it is empty or holds a colon, which Basic authentication cannot carry",
        ));
    }
    if let AuthSettings::ClientCredentials {
        token_url,
        client_id,
        scope,
    } = &mut settings.auth
    {
        *token_url = address("Token URL", token_url)?.into();
        if client_id.trim().is_empty() {
            return Err(wrong("Client id", "it is empty"));
        }
        *scope = scope.take().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty());
    }
    client(&mut settings.auth)?;
    settings.ca_pem = settings.ca_pem.filter(|pem| !pem.trim().is_empty());
    if settings.request_budget == Some(0) {
        return Err(wrong("Request budget", "a sync needs requests; leave it empty for no limit"));
    }
    Ok(settings)
}

/// A base address, without what people copy along with it.
fn base(field: &'static str, text: &str, tails: &[&str]) -> Result<String, Error> {
    let mut url = address(field, text)?.as_str().trim_end_matches('/').to_owned();
    for tail in tails {
        if let Some(base) = url.strip_suffix(tail) {
            url = base.to_owned();
        }
    }
    Ok(url)
}

/// Checks the application's id and the token's file.
fn client(auth: &mut AuthSettings) -> Result<(), Error> {
    match auth {
        AuthSettings::UserToken { client_id } => {
            *client_id = client_id.take().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        }
        AuthSettings::ClientSecret { client_id }
        | AuthSettings::ClientCertificate { client_id }
        | AuthSettings::DeviceCode { client_id }
        | AuthSettings::FederatedToken { client_id, .. } => {
            *client_id = client_id.trim().to_owned();
            if client_id.is_empty() {
                return Err(wrong(
                    "Client id",
                    "it is empty; the application's overview names it “Application (client) ID”",
                ));
            }
        }
        AuthSettings::Bearer | AuthSettings::Basic { .. } | AuthSettings::ClientCredentials { .. } | AuthSettings::AzureCli => {}
    }
    if let AuthSettings::FederatedToken { token_file, .. } = auth
        && token_file.trim().is_empty()
    {
        return Err(wrong(
            "Token file",
            "it is empty; name the file that the workload identity keeps its token in",
        ));
    }
    Ok(())
}

/// An Azure source's own settings: trimmed, ids in lower case, nothing named twice.
fn azure(mut azure: AzureSettings) -> Result<AzureSettings, Error> {
    azure.tenant = azure.tenant.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if azure.tenant.is_empty() || !azure.tenant.chars().all(fits) {
        return Err(wrong(
            "Tenant",
            "give the tenant's id or one of its domains, such as contoso.onmicrosoft.com",
        ));
    }
    if let AzureCloud::Other { authority, graph } = &mut azure.cloud {
        *authority = base("Authority", authority, &[])?;
        *graph = base("Graph URL", graph, &["/v1.0"])?;
    }
    let listed = |given: &[String], prefix: &str| {
        let mut ids: Vec<String> = given
            .iter()
            .map(|id| id.trim().to_lowercase())
            .map(|id| id.strip_prefix(prefix).map_or_else(|| id.clone(), str::to_owned))
            .filter(|id| !id.is_empty())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    azure.management_groups = listed(&azure.management_groups, "/providers/microsoft.management/managementgroups/");
    azure.subscriptions = listed(&azure.subscriptions, "/subscriptions/");
    if let Some(odd) = azure.subscriptions.iter().find(|id| !is_guid(id)) {
        return Err(wrong(
            "Subscriptions",
            format!("“{odd}” is no subscription id; one looks like 00000000-0000-0000-0000-000000000000"),
        ));
    }
    if let Some(odd) = azure.management_groups.iter().find(|id| id.contains(['/', '?', '#'])) {
        return Err(wrong("Management groups", format!("“{odd}” is no management group id")));
    }
    Ok(azure)
}

fn is_guid(text: &str) -> bool {
    let mut parts = text
        .split('-')
        .map(|part| (part.len(), part.bytes().all(|byte| byte.is_ascii_hexdigit())));
    [8, 4, 4, 4, 12].iter().all(|length| parts.next() == Some((*length, true))) && parts.next().is_none()
}

/// Entity references in full and in lower case: `ada` is `user:default/ada`.
fn entity_refs(given: &[String]) -> Result<Vec<String>, Error> {
    let mut refs = Vec::new();
    for text in given.iter().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()) {
        let (kind, rest) = text.split_once(':').unwrap_or(("user", &text));
        let (namespace, name) = rest.split_once('/').unwrap_or(("default", rest));
        let fits = |part: &str| !part.is_empty() && !part.contains([':', '/', ' ']);
        if !["user", "group"].contains(&kind) || !fits(namespace) || !fits(name) {
            return Err(wrong(
                "Super users",
                format!("“{text}” is no user; one looks like user:default/ada.lovelace"),
            ));
        }
        refs.push(format!("{kind}:{namespace}/{name}"));
    }
    refs.sort_unstable();
    refs.dedup();
    Ok(refs)
}

/// An address that a secret may be sent to.
fn address(field: &'static str, text: &str) -> Result<Url, Error> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| wrong(field, format!("“{text}” is no address; it looks like https://idp.example/scim/v2")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong(field, "it must begin with https://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong(field, "it names no server"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong(field, "http would send the token unprotected over the network; use https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(field, "leave user and password out of it; they belong in the fields below"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(field, "leave out what follows ? or #"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The origin that a source's secret belongs to: scheme, host and port. An Azure source's goes where its tokens come from, all others'
/// to the source itself.
///
/// # Errors
/// When the address cannot be read.
pub(super) fn origin(settings: &SourceSettings) -> Result<Origin, Error> {
    let url = match &settings.azure {
        Some(azure) => endpoints(&azure.cloud, &settings.url).authority,
        None => settings.url.clone(),
    };
    Ok(Origin::of(
        &Url::parse(&url).map_err(|error| wrong("Base URL", error.to_string()))?,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> SourceSettings {
        SourceSettings {
            authoritative: true,
            ..SourceSettings::new(SourceKind::Scim, "IdP", url)
        }
    }

    fn url_of(url: &str) -> Result<String, String> {
        checked(&settings(url), std::iter::empty())
            .map(|settings| settings.url)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_loses_its_tail() {
        for given in [
            "https://idp.example/scim/v2/",
            " https://idp.example/scim/v2/Users ",
            "https://idp.example/scim/v2",
        ] {
            assert_eq!(url_of(given).as_deref(), Ok("https://idp.example/scim/v2"), "{given}");
        }
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear() {
        assert!(url_of("http://idp.example/scim").is_err_and(|error| error.contains("unprotected")));
        assert!(url_of("http://127.0.0.1:9000/scim").is_ok());
        assert!(url_of("http://[::1]:9000/scim").is_ok());
        assert!(url_of("http://localhost.evil.example/scim").is_err());
    }

    #[test]
    fn an_address_that_cannot_be_says_why() {
        for (given, part) in [
            ("idp.example", "looks like https"),
            ("ftp://idp.example", "https://"),
            ("https://user:pass@idp.example", "user and password"),
            ("https://idp.example/?a=b", "?"),
        ] {
            assert!(
                url_of(given).as_ref().is_err_and(|error| error.contains(part)),
                "{given}: {:?}",
                url_of(given)
            );
        }
    }

    #[test]
    fn names_are_unique_whatever_the_case() {
        let error = checked(&settings("https://idp.example"), ["IDP"].into_iter())
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("already")));
    }

    fn of_azure(change: impl FnOnce(&mut AzureSettings)) -> Result<SourceSettings, Error> {
        let mut azure = AzureSettings {
            tenant: "Contoso.onmicrosoft.example".into(),
            ..AzureSettings::default()
        };
        change(&mut azure);
        let settings = SourceSettings {
            kind: SourceKind::Azure,
            auth: AuthSettings::ClientSecret {
                client_id: " 11111111-2222-3333-4444-555555555555 ".into(),
            },
            azure: Some(azure),
            ..settings("")
        };
        checked(&settings, std::iter::empty())
    }

    #[test]
    fn a_cloud_says_where_it_is_and_where_its_secret_goes() {
        let public = of_azure(|_| {}).unwrap();
        assert_eq!(public.url, "https://management.azure.com");
        assert_eq!(
            origin(&public).unwrap(),
            Origin::of(&Url::parse("https://login.microsoftonline.com").unwrap()).unwrap()
        );
        assert_eq!(public.azure.unwrap().tenant, "contoso.onmicrosoft.example");
        let china = of_azure(|azure| azure.cloud = AzureCloud::China).unwrap();
        assert_ne!(origin(&china).unwrap(), origin(&of_azure(|_| {}).unwrap()).unwrap());
    }

    #[test]
    fn ids_are_bare_and_named_once() {
        let id = "AAAAAAAA-0000-0000-0000-00000000000a";
        let kept = of_azure(|azure| azure.subscriptions = vec![format!("/subscriptions/{id}"), id.into()]).unwrap();
        assert_eq!(kept.azure.unwrap().subscriptions, [id.to_lowercase()]);
        let error = of_azure(|azure| azure.subscriptions = vec!["Payments".into()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("payments"), "{error}");
        assert!(of_azure(|azure| azure.tenant = "a/b".into()).is_err());
    }

    #[test]
    fn each_kind_has_its_own_ways_to_authenticate() {
        let wrong = SourceSettings {
            auth: AuthSettings::AzureCli,
            ..settings("https://idp.example")
        };
        assert!(checked(&wrong, std::iter::empty()).is_err());
        let backstage = SourceSettings {
            kind: SourceKind::Backstage,
            authoritative: false,
            backstage: Some(crate::view::BackstageSettings {
                super_users: vec!["Ada.Lovelace".into(), "user:default/ada.lovelace".into()],
            }),
            ..settings("https://portal.example/api/catalog/")
        };
        let kept = checked(&backstage, std::iter::empty()).unwrap();
        assert_eq!(kept.url, "https://portal.example");
        assert_eq!(kept.backstage.unwrap().super_users, ["user:default/ada.lovelace"]);
    }
}
