//! The ways in which servers in the field are not true to the RFCs, each as a switch.

crate::switches::switches! {
    /// One habit of a real server that departs from RFC 7643 or RFC 7644.
    pub enum Quirk {
        /// Every page is the first page, whatever `startIndex` says.
        IgnoresStartIndex = "ignores-start-index",
        /// `count` has no effect: pages have the default size.
        IgnoresCount = "ignores-count",
        /// Everything comes in one answer; neither `startIndex` nor `count` has an effect.
        NoPaging = "no-paging",
        /// A `startIndex` beyond the end answers the first page again.
        BeyondEndIsFirstPage = "beyond-end-is-first-page",
        /// `totalResults` is the number of resources on the page.
        TotalIsPageSize = "total-is-page-size",
        /// `totalResults` is missing.
        NoTotal = "no-total",
        /// Each page after the first begins one resource too early.
        OverlappingPages = "overlapping-pages",
        /// Pages in the middle have half the resources that were asked for.
        ShortPages = "short-pages",
        /// The list is called `resources`.
        LowercaseResources = "lowercase-resources",
        /// `active` and `primary` are the strings `"True"` and `"False"`.
        StringBooleans = "string-booleans",
        /// An `id` of digits is a number.
        NumericIds = "numeric-ids",
        /// No resource has `meta`.
        NoMeta = "no-meta",
        /// `meta` has no `lastModified`.
        NoLastModified = "no-last-modified",
        /// A change of members leaves the group's `lastModified` as it was.
        StaleLastModified = "stale-last-modified",
        /// Lists of groups leave `members` out; a single group has them.
        NoMembersInLists = "no-members-in-lists",
        /// No answer ever holds `members`.
        NoMembers = "no-members",
        /// Groups in lists always have an empty `members`.
        EmptyMembers = "empty-members",
        /// Users always carry `groups`, not only when asked for.
        UserGroups = "user-groups",
        /// PATCH answers 204 without a body.
        PatchNoContent = "patch-no-content",
        /// PATCH answers 200 without a body.
        PatchEmptyOk = "patch-empty-ok",
        /// Refuses `remove` with path `members` and a list of values.
        NoRemoveByValue = "no-remove-by-value",
        /// Refuses `remove` with path `members[value eq "…"]`.
        NoRemoveByFilter = "no-remove-by-filter",
        /// At most 20 member adds or one removal in a PATCH, never both.
        SmallMemberPatches = "small-member-patches",
        /// Switching a user off deletes the user.
        DeactivateDeletes = "deactivate-deletes",
        /// Switching a user off replaces the user name by a made-up one.
        DeactivateObfuscates = "deactivate-obfuscates",
        /// Switching a user off or deleting one makes a local account of it: active, without `externalId`.
        MakesLocal = "makes-local",
        /// PATCH, PUT and DELETE are answered as if they had been done; nothing changes.
        Deaf = "deaf",
        /// PATCH and PUT of a group are answered as if they had been done; its members stay.
        KeepsMembers = "keeps-members",
        /// Writes that take effect later answer 202 without a body.
        Accepted = "accepted",
        /// DELETE is refused with 405.
        NoDelete = "no-delete",
        /// Whoever was deleted can never be made again: 409 for the same `userName` or `externalId`.
        DeleteIsFinal = "delete-is-final",
        /// Each list comes in another order than the one before.
        Reorders = "reorders",
        /// Sessions of the app go on until they expire, whatever became of the account.
        SessionsLiveOn = "sessions-live-on",
        /// A deleted user stays in its groups' `members`.
        DanglingMembers = "dangling-members",
        /// `If-Match` is not looked at.
        IgnoresIfMatch = "ignores-if-match",
        /// PUT is refused.
        NoPut = "no-put",
        /// `/ServiceProviderConfig` is not there.
        NoConfig = "no-config",
        /// `/Schemas` is not there.
        NoSchemas = "no-schemas",
        /// `/ResourceTypes` is not there.
        NoResourceTypes = "no-resource-types",
        /// A request without `User-Agent` is refused with 403.
        NeedsUserAgent = "needs-user-agent",
        /// A request that does not accept `application/json` is refused with 406.
        NeedsJsonAccept = "needs-json-accept",
        /// Answers are labelled `application/json`.
        PlainJson = "plain-json",
        /// An answer holding a group of over 8,000 members is refused with 413.
        LargeGroupsRefused = "large-groups-refused",
        /// A filter with any operator but `eq` and `and` answers an empty list, and 200.
        UnknownFilterIsEmpty = "unknown-filter-is-empty",
        /// A filter with any operator but `eq` and `and` answers 500.
        UnknownFilterIs500 = "unknown-filter-is-500",
    }
}

/// No quirk has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no quirk '{0}'")]
pub struct UnknownQuirk(pub String);
