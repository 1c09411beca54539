//! What a soft and a hard cut mean at systems that are known, and whether they can be undone: one list, from the products' public documentation.
//! What is not in it is told in general terms.

use crate::view::{CutMeaning, SourceKind};

/// What both cuts mean at a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meanings {
    /// The product's name, where it is known.
    pub product: Option<&'static str>,
    /// Switching the account off.
    pub disable: CutMeaning,
    /// Deleting it.
    pub delete: CutMeaning,
}

/// A cut: whether it can be undone, and what it does.
struct Cut(bool, &'static str);

/// A product that is known by its host.
struct Product {
    name: &'static str,
    /// Its host is this, or ends in it after a dot.
    hosts: &'static [&'static str],
    disable: Cut,
    delete: Cut,
}

const SCIM: &[Product] = &[
    Product {
        name: "PagerDuty",
        hosts: &["pagerduty.com", "pagerduty.eu"],
        disable: Cut(
            false,
            "PagerDuty has no inactive users: setting active to false deletes the user. That cannot be undone.",
        ),
        delete: Cut(false, "The user is deleted. That cannot be undone."),
    },
    Product {
        name: "GitHub",
        hosts: &["github.com", "ghe.com"],
        disable: Cut(
            true,
            "GitHub suspends the user and makes user name and addresses unrecognisable; setting active to true brings both back. It does \
             not say that keys and tokens are deleted.",
        ),
        delete: Cut(
            false,
            "GitHub suspends the user for good and deletes keys and tokens. That cannot be undone: the same person gets a new account.",
        ),
    },
    Product {
        name: "Atlassian",
        hosts: &["atlassian.com", "atlassian.net"],
        disable: Cut(true, "The account is deactivated, and can be activated again."),
        delete: Cut(
            false,
            "The account is removed from the directory. Atlassian does not take that back.",
        ),
    },
    Product {
        name: "Slack",
        hosts: &["slack.com"],
        disable: Cut(true, "The member is deactivated and signed out, and can be activated again."),
        delete: Cut(
            true,
            "Slack deactivates the member in place of deleting it; it can be activated again.",
        ),
    },
    Product {
        name: "Okta",
        hosts: &["okta.com", "oktapreview.com", "okta-emea.com"],
        disable: Cut(true, "The user is deactivated, and can be activated again."),
        delete: Cut(
            false,
            "Okta deletes in two steps: the first deactivates the user, a second one removes it for good. That cannot be undone.",
        ),
    },
    Product {
        name: "AWS IAM Identity Center",
        hosts: &["amazonaws.com"],
        disable: Cut(
            true,
            "The user cannot sign in any more, and can be switched on again. Sessions that are open end by their own time.",
        ),
        delete: Cut(
            false,
            "The user is removed with its assignments. One that is made anew gets another id and none of them.",
        ),
    },
    Product {
        name: "Microsoft Entra",
        hosts: &["graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"],
        disable: Cut(
            true,
            "The account cannot sign in; tokens that were given out live until they end or are revoked.",
        ),
        delete: Cut(
            true,
            "The user is kept among the deleted ones for 30 days and can be restored until then.",
        ),
    },
];

const ANY_SCIM: Product = Product {
    name: "",
    hosts: &[],
    disable: Cut(
        true,
        "The account stays and is switched off (active: false). What becomes of its sessions, tokens and groups is the server's affair, and \
         is checked.",
    ),
    delete: Cut(
        false,
        "The account is deleted. SCIM knows no way back: one that is made anew has another id. Groups may go on naming the old one.",
    ),
};

const AZURE: Product = Product {
    name: "Microsoft Entra",
    hosts: &[],
    disable: Cut(
        true,
        "The account cannot sign in any more (accountEnabled: false). Tokens that were given out live until they end or are revoked; \
         assignments, memberships and what it owns stay.",
    ),
    delete: Cut(
        true,
        "The user is kept among the deleted ones for 30 days and can be restored with its memberships; then it is gone for good. Role \
         assignments in Azure stay behind and name nobody.",
    ),
};

const BACKSTAGE: Product = Product {
    name: "Backstage",
    hosts: &[],
    disable: Cut(
        true,
        "Backstage has no inactive users: the roles that name the user are taken from it, and the entity stays. A group may still give it \
         roles.",
    ),
    delete: Cut(
        true,
        "The entity is taken out of the catalog. Where its source still has it, it comes back by itself; an orphan stays gone. Roles that \
         name the user are left as they are, and a token that was given out lives for up to an hour.",
    ),
};

fn is_at(host: &str, known: &str) -> bool {
    host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What the cuts mean at a source of that kind, at that host (without a port).
pub fn meanings(kind: SourceKind, host: &str) -> Meanings {
    let host = host.to_ascii_lowercase();
    let product = match kind {
        SourceKind::Azure => &AZURE,
        SourceKind::Backstage => &BACKSTAGE,
        SourceKind::Scim => SCIM
            .iter()
            .find(|product| product.hosts.iter().any(|known| is_at(&host, known)))
            .unwrap_or(&ANY_SCIM),
    };
    let cut = |Cut(undoable, says): &Cut| CutMeaning {
        offered: true,
        says: (*says).to_owned(),
        undoable: *undoable,
    };
    Meanings {
        product: Some(product.name).filter(|name| !name.is_empty()),
        disable: cut(&product.disable),
        delete: cut(&product.delete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_hosts_and_not_by_what_looks_like_them() {
        let at = |host: &str| meanings(SourceKind::Scim, host);
        assert!(!at("api.pagerduty.com").disable.undoable);
        assert!(!at("API.GitHub.com").delete.undoable && at("api.github.com").disable.undoable);
        assert_eq!(at("scim.eu-west-1.amazonaws.com").product, Some("AWS IAM Identity Center"));
        for stranger in ["notpagerduty.com", "pagerduty.com.example", "127.0.0.1", ""] {
            let meanings = at(stranger);
            assert_eq!((meanings.product, meanings.disable.undoable), (None, true), "{stranger}");
        }
        assert_eq!(meanings(SourceKind::Azure, "management.azure.com").product, Some("Microsoft Entra"));
    }
}
