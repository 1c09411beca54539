//! The names of all commands. The build script makes a permission of each (`allow-people`, …); `capabilities/` grants them.

/// Every command that the web view may call.
pub const ALL: &[&str] = &[
    // app
    "app_state",
    "subscribe",
    "open_demo",
    "open_data_dir",
    // dialogs
    "pick_folder",
    "pick_file",
    "pick_secret_file",
    "pick_save",
    // sources
    "sources",
    "probe_source",
    "add_source",
    "update_source",
    "set_source_enabled",
    "removal_preview",
    "remove_source",
    "begin_sign_in",
    "finish_sign_in",
    "cancel_sign_in",
    // sync
    "start_sync",
    "cancel_sync",
    // people
    "people",
    "people_facets",
    "person",
    "timeline",
    "raw_document",
    "goto",
    "overview",
    "export_people",
    // groups
    "groups",
    "group_facets",
    "group",
    "members",
    "export_groups",
    // joins
    "joins",
    "decide_join",
    // filters
    "check_filter",
    "saved_filters",
    "save_filter",
    "forget_filter",
    // access
    "access_of",
    "who_can",
    "why_access",
    "without_edge",
    "access_flow",
    "access_matrix",
    "access_cell",
    "access_table",
    "who_can_restore",
    "restore_groups",
    "set_restore_groups",
    "export_map",
    "save_export",
    // audit
    "audit",
    "verify_audit",
    "export_audit",
    // evidence
    "pick_evidence",
    "verify_evidence",
    // settings
    "setting",
    "set_setting",
];
