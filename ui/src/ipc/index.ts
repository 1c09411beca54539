/** The only door to the engine: typed commands, typed events, and the types that Rust generates. */
import * as transport from "#transport";
import type { AccessChangePage } from "./types/AccessChangePage";
import type { AccessOf } from "./types/AccessOf";
import type { AccessPage } from "./types/AccessPage";
import type { Agreement } from "./types/Agreement";
import type { AppState } from "./types/AppState";
import type { AsOf } from "./types/AsOf";
import type { AuditPage } from "./types/AuditPage";
import type { AuditQuery } from "./types/AuditQuery";
import type { CellDetail } from "./types/CellDetail";
import type { ChainCheck } from "./types/ChainCheck";
import type { ChangePage } from "./types/ChangePage";
import type { Comparison } from "./types/Comparison";
import type { ComparisonQuery } from "./types/ComparisonQuery";
import type { CredentialCheck } from "./types/CredentialCheck";
import type { CredentialList } from "./types/CredentialList";
import type { EngineEvent } from "./types/EngineEvent";
import type { EvidenceCheck } from "./types/EvidenceCheck";
import type { EvidenceExport } from "./types/EvidenceExport";
import type { EvidenceForm } from "./types/EvidenceForm";
import type { ExportDone } from "./types/ExportDone";
import type { ExportFormat } from "./types/ExportFormat";
import type { FacetCount } from "./types/FacetCount";
import type { Fault } from "./types/Fault";
import type { FileFilter } from "./types/FileFilter";
import type { FilterCheck } from "./types/FilterCheck";
import type { FindingDetail } from "./types/FindingDetail";
import type { FindingFormat } from "./types/FindingFormat";
import type { FindingPage } from "./types/FindingPage";
import type { FindingQuery } from "./types/FindingQuery";
import type { FindingSums } from "./types/FindingSums";
import type { FlowView } from "./types/FlowView";
import type { GotoHit } from "./types/GotoHit";
import type { GroupDetail } from "./types/GroupDetail";
import type { GroupFacetCount } from "./types/GroupFacetCount";
import type { GroupPage } from "./types/GroupPage";
import type { GroupQuery } from "./types/GroupQuery";
import type { HistoryInfo } from "./types/HistoryInfo";
import type { JoinDraft } from "./types/JoinDraft";
import type { Joins } from "./types/Joins";
import type { Leaver } from "./types/Leaver";
import type { MapQuery } from "./types/MapQuery";
import type { MatrixView } from "./types/MatrixView";
import type { MatrixWindow } from "./types/MatrixWindow";
import type { MemberPage } from "./types/MemberPage";
import type { MemberQuery } from "./types/MemberQuery";
import type { NodeRef } from "./types/NodeRef";
import type { Overview } from "./types/Overview";
import type { PeoplePage } from "./types/PeoplePage";
import type { PeopleQuery } from "./types/PeopleQuery";
import type { PersonDetail } from "./types/PersonDetail";
import type { PickedFile } from "./types/PickedFile";
import type { PlanFile } from "./types/PlanFile";
import type { PlanSummary } from "./types/PlanSummary";
import type { ProbeReport } from "./types/ProbeReport";
import type { RawDocument } from "./types/RawDocument";
import type { RemovalPreview } from "./types/RemovalPreview";
import type { RestoreView } from "./types/RestoreView";
import type { RevokeTrend } from "./types/RevokeTrend";
import type { RotationOptions } from "./types/RotationOptions";
import type { RotationPlan } from "./types/RotationPlan";
import type { RotationPolicy } from "./types/RotationPolicy";
import type { RotationStart } from "./types/RotationStart";
import type { RotationSummary } from "./types/RotationSummary";
import type { RotationView } from "./types/RotationView";
import type { RuleSettings } from "./types/RuleSettings";
import type { RuleState } from "./types/RuleState";
import type { Run } from "./types/Run";
import type { RunDraft } from "./types/RunDraft";
import type { RunPage } from "./types/RunPage";
import type { RunQuery } from "./types/RunQuery";
import type { RunRecords } from "./types/RunRecords";
import type { SavedFilter } from "./types/SavedFilter";
import type { SignInPrompt } from "./types/SignInPrompt";
import type { Source } from "./types/Source";
import type { SourceSettings } from "./types/SourceSettings";
import type { SyncMoment } from "./types/SyncMoment";
import type { WhatIf } from "./types/WhatIf";
import type { WhoCan } from "./types/WhoCan";
import type { Why } from "./types/Why";

export type { AccessChange } from "./types/AccessChange";
export type { AccessChangePage } from "./types/AccessChangePage";
export type { AccessOf } from "./types/AccessOf";
export type { AccessPage } from "./types/AccessPage";
export type { AccessPath } from "./types/AccessPath";
export type { AccessRow } from "./types/AccessRow";
export type { AccessState } from "./types/AccessState";
export type { AccessSum } from "./types/AccessSum";
export type { AccountDetail } from "./types/AccountDetail";
export type { AccountType } from "./types/AccountType";
export type { Agreement } from "./types/Agreement";
export type { Ambiguity } from "./types/Ambiguity";
export type { AppState } from "./types/AppState";
export type { AsOf } from "./types/AsOf";
export type { AskedView } from "./types/AskedView";
export type { AttributeLine } from "./types/AttributeLine";
export type { AttributeSection } from "./types/AttributeSection";
export type { AuditEntry } from "./types/AuditEntry";
export type { AuditPage } from "./types/AuditPage";
export type { AuditQuery } from "./types/AuditQuery";
export type { AuthSettings } from "./types/AuthSettings";
export type { AzureCloud } from "./types/AzureCloud";
export type { Caveat } from "./types/Caveat";
export type { CellDetail } from "./types/CellDetail";
export type { CellHow } from "./types/CellHow";
export type { CellThrough } from "./types/CellThrough";
export type { ChainCheck } from "./types/ChainCheck";
export type { Change } from "./types/Change";
export type { ChangeKind } from "./types/ChangeKind";
export type { ChangePage } from "./types/ChangePage";
export type { Check } from "./types/Check";
export type { ComparedCell } from "./types/ComparedCell";
export type { ComparedChange } from "./types/ComparedChange";
export type { ComparedLine } from "./types/ComparedLine";
export type { ComparedRecord } from "./types/ComparedRecord";
export type { Comparison } from "./types/Comparison";
export type { ComparisonQuery } from "./types/ComparisonQuery";
export type { ComparisonSums } from "./types/ComparisonSums";
export type { Control } from "./types/Control";
export type { Coverage } from "./types/Coverage";
export type { CoverageState } from "./types/CoverageState";
export type { Credential } from "./types/Credential";
export type { CredentialAsked } from "./types/CredentialAsked";
export type { CredentialCheck } from "./types/CredentialCheck";
export type { CredentialGap } from "./types/CredentialGap";
export type { CredentialKind } from "./types/CredentialKind";
export type { CredentialList } from "./types/CredentialList";
export type { CredentialState } from "./types/CredentialState";
export type { Cut } from "./types/Cut";
export type { CutMeaning } from "./types/CutMeaning";
export type { DeadProof } from "./types/DeadProof";
export type { DutyBreach } from "./types/DutyBreach";
export type { EngineEvent } from "./types/EngineEvent";
export type { Evaluated } from "./types/Evaluated";
export type { EvidenceCheck } from "./types/EvidenceCheck";
export type { EvidenceExport } from "./types/EvidenceExport";
export type { EvidenceForm } from "./types/EvidenceForm";
export type { EvidenceInfo } from "./types/EvidenceInfo";
export type { EvidencePoint } from "./types/EvidencePoint";
export type { ExpiryFrom } from "./types/ExpiryFrom";
export type { ExportDone } from "./types/ExportDone";
export type { ExportFormat } from "./types/ExportFormat";
export type { FacetCount } from "./types/FacetCount";
export type { Fault } from "./types/Fault";
export type { FileFilter } from "./types/FileFilter";
export type { FilterCheck } from "./types/FilterCheck";
export type { FilterCompletion } from "./types/FilterCompletion";
export type { FilterProblem } from "./types/FilterProblem";
export type { FilterToken } from "./types/FilterToken";
export type { FindingDetail } from "./types/FindingDetail";
export type { FindingEvent } from "./types/FindingEvent";
export type { FindingEvidence } from "./types/FindingEvidence";
export type { FindingFormat } from "./types/FindingFormat";
export type { FindingPage } from "./types/FindingPage";
export type { FindingQuery } from "./types/FindingQuery";
export type { FindingRow } from "./types/FindingRow";
export type { FindingRule } from "./types/FindingRule";
export type { FindingSort } from "./types/FindingSort";
export type { FindingState } from "./types/FindingState";
export type { FindingSubject } from "./types/FindingSubject";
export type { FindingSums } from "./types/FindingSums";
export type { Fix } from "./types/Fix";
export type { FixAction } from "./types/FixAction";
export type { FixKind } from "./types/FixKind";
export type { FlowColumn } from "./types/FlowColumn";
export type { FlowCount } from "./types/FlowCount";
export type { FlowNode } from "./types/FlowNode";
export type { FlowView } from "./types/FlowView";
export type { GotoHit } from "./types/GotoHit";
export type { GroupAccountDetail } from "./types/GroupAccountDetail";
export type { GroupDetail } from "./types/GroupDetail";
export type { GroupFacet } from "./types/GroupFacet";
export type { GroupFacetCount } from "./types/GroupFacetCount";
export type { GroupPage } from "./types/GroupPage";
export type { GroupQuery } from "./types/GroupQuery";
export type { GroupRow } from "./types/GroupRow";
export type { GroupSort } from "./types/GroupSort";
export type { Guard } from "./types/Guard";
export type { GuardState } from "./types/GuardState";
export type { Header } from "./types/Header";
export type { HistoryInfo } from "./types/HistoryInfo";
export type { Holding } from "./types/Holding";
export type { Hop } from "./types/Hop";
export type { HopKind } from "./types/HopKind";
export type { JoinConfidence } from "./types/JoinConfidence";
export type { JoinDecision } from "./types/JoinDecision";
export type { JoinKind } from "./types/JoinKind";
export type { JoinRule } from "./types/JoinRule";
export type { JoinSubject } from "./types/JoinSubject";
export type { JoinVerb } from "./types/JoinVerb";
export type { Joins } from "./types/Joins";
export type { JsonValue } from "./types/serde_json/JsonValue";
export type { Kept } from "./types/Kept";
export type { Layer } from "./types/Layer";
export type { Leaver } from "./types/Leaver";
export type { LeaverHolding } from "./types/LeaverHolding";
export type { LeaverSystem } from "./types/LeaverSystem";
export type { Loss } from "./types/Loss";
export type { MapQuery } from "./types/MapQuery";
export type { MatrixCell } from "./types/MatrixCell";
export type { MatrixGroup } from "./types/MatrixGroup";
export type { MatrixRole } from "./types/MatrixRole";
export type { MatrixView } from "./types/MatrixView";
export type { MatrixWindow } from "./types/MatrixWindow";
export type { MemberPage } from "./types/MemberPage";
export type { MemberQuery } from "./types/MemberQuery";
export type { MemberRow } from "./types/MemberRow";
export type { MemberScope } from "./types/MemberScope";
export type { MembershipRow } from "./types/MembershipRow";
export type { Need } from "./types/Need";
export type { NodeRef } from "./types/NodeRef";
export type { Overview } from "./types/Overview";
export type { PeopleFacet } from "./types/PeopleFacet";
export type { PeoplePage } from "./types/PeoplePage";
export type { PeopleQuery } from "./types/PeopleQuery";
export type { PeopleSort } from "./types/PeopleSort";
export type { PersonDetail } from "./types/PersonDetail";
export type { PersonRow } from "./types/PersonRow";
export type { Phase } from "./types/Phase";
export type { PhaseState } from "./types/PhaseState";
export type { PhaseView } from "./types/PhaseView";
export type { PickedFile } from "./types/PickedFile";
export type { Plan } from "./types/Plan";
export type { PlanChoice } from "./types/PlanChoice";
export type { PlanFile } from "./types/PlanFile";
export type { PlanGuards } from "./types/PlanGuards";
export type { PlanProblem } from "./types/PlanProblem";
export type { PlanSchedule } from "./types/PlanSchedule";
export type { PlanSubject } from "./types/PlanSubject";
export type { PlanSummary } from "./types/PlanSummary";
export type { PlanSystem } from "./types/PlanSystem";
export type { Privilege } from "./types/Privilege";
export type { ProbePoint } from "./types/ProbePoint";
export type { ProbeReport } from "./types/ProbeReport";
export type { ProbeState } from "./types/ProbeState";
export type { ProofAnswer } from "./types/ProofAnswer";
export type { ProofMoment } from "./types/ProofMoment";
export type { Provenance } from "./types/Provenance";
export type { ProviderToken } from "./types/ProviderToken";
export type { RawDocument } from "./types/RawDocument";
export type { RecipeSummary } from "./types/RecipeSummary";
export type { RecordChange } from "./types/RecordChange";
export type { RemovalPreview } from "./types/RemovalPreview";
export type { Request } from "./types/Request";
export type { RestoreRow } from "./types/RestoreRow";
export type { RestoreView } from "./types/RestoreView";
export type { RevokePoint } from "./types/RevokePoint";
export type { RevokeTrend } from "./types/RevokeTrend";
export type { Ribbon } from "./types/Ribbon";
export type { Right } from "./types/Right";
export type { RotationAsk } from "./types/RotationAsk";
export type { RotationHow } from "./types/RotationHow";
export type { RotationOptions } from "./types/RotationOptions";
export type { RotationPlan } from "./types/RotationPlan";
export type { RotationPoint } from "./types/RotationPoint";
export type { RotationPolicy } from "./types/RotationPolicy";
export type { RotationReason } from "./types/RotationReason";
export type { RotationRecord } from "./types/RotationRecord";
export type { RotationRequest } from "./types/RotationRequest";
export type { RotationStage } from "./types/RotationStage";
export type { RotationStagePlan } from "./types/RotationStagePlan";
export type { RotationStageView } from "./types/RotationStageView";
export type { RotationStart } from "./types/RotationStart";
export type { RotationState } from "./types/RotationState";
export type { RotationSummary } from "./types/RotationSummary";
export type { RotationUser } from "./types/RotationUser";
export type { RotationView } from "./types/RotationView";
export type { RuleArea } from "./types/RuleArea";
export type { RuleCount } from "./types/RuleCount";
export type { RuleParameter } from "./types/RuleParameter";
export type { RuleSettings } from "./types/RuleSettings";
export type { RuleState } from "./types/RuleState";
export type { Run } from "./types/Run";
export type { RunActions } from "./types/RunActions";
export type { RunDraft } from "./types/RunDraft";
export type { RunKind } from "./types/RunKind";
export type { RunPage } from "./types/RunPage";
export type { RunQuery } from "./types/RunQuery";
export type { RunRecord } from "./types/RunRecord";
export type { RunRecords } from "./types/RunRecords";
export type { RunState } from "./types/RunState";
export type { RunSubject } from "./types/RunSubject";
export type { RunSummary } from "./types/RunSummary";
export type { SavedFilter } from "./types/SavedFilter";
export type { Severity } from "./types/Severity";
export type { SeveritySum } from "./types/SeveritySum";
export type { SignInPrompt } from "./types/SignInPrompt";
export type { Slot } from "./types/Slot";
export type { SlotState } from "./types/SlotState";
export type { SlotView } from "./types/SlotView";
export type { Source } from "./types/Source";
export type { SourceHealth } from "./types/SourceHealth";
export type { SourceKind } from "./types/SourceKind";
export type { SourceSettings } from "./types/SourceSettings";
export type { StageState } from "./types/StageState";
export type { Step } from "./types/Step";
export type { StepState } from "./types/StepState";
export type { Suppression } from "./types/Suppression";
export type { SyncMoment } from "./types/SyncMoment";
export type { SyncOutcome } from "./types/SyncOutcome";
export type { SyncPhase } from "./types/SyncPhase";
export type { SyncProgress } from "./types/SyncProgress";
export type { TestIdentity } from "./types/TestIdentity";
export type { UnknownPrincipal } from "./types/UnknownPrincipal";
export type { VaultRow } from "./types/VaultRow";
export type { Verdict } from "./types/Verdict";
export type { VerdictCounts } from "./types/VerdictCounts";
export type { Waiver } from "./types/Waiver";
export type { WayBack } from "./types/WayBack";
export type { WayOut } from "./types/WayOut";
export type { WhatIf } from "./types/WhatIf";
export type { WhoCan } from "./types/WhoCan";
export type { WhoCanRow } from "./types/WhoCanRow";
export type { Why } from "./types/Why";

/** A command that was refused: carries the engine's own words. */
export class Refused extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.what);
    this.name = "Refused";
    this.fault = fault;
  }
}

function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "code" in value && "what" in value && "details" in value;
}

/** Any error as a fault, so that every screen shows the same three answers. */
export function toFault(error: unknown): Fault {
  if (error instanceof Refused) return error.fault;
  if (isFault(error)) return error;
  const says = error instanceof Error ? error.message : typeof error === "string" ? error : JSON.stringify(error);
  return {
    code: "window.unexpected",
    what: "The window met an error that it did not expect.",
    means: "What is on screen may be out of date. Nothing was changed in any system.",
    next: "Try it again. If it comes back, copy the details into a bug report.",
    action: { kind: "retry" },
    details: [{ name: "Answer", value: says }],
  };
}

async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return (await transport.invoke(command, args)) as T;
  } catch (error) {
    throw new Refused(toFault(error));
  }
}

/** What the Access map shows one query as; `restore` is "Who can restore". */
export type MapViewName = "flow" | "matrix" | "table" | "restore";

/** Bytes as text, in pieces: a whole picture at once would be too many arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** The commands, one line each, under the names that the engine gives them. */
export const api = {
  appState: () => call<AppState>("app_state"),
  openDemo: () => call<AppState>("open_demo"),
  openDataDir: (path: string) => call<AppState>("open_data_dir", { path }),
  pickFolder: () => call<string | null>("pick_folder"),
  pickFile: (filters: FileFilter[]) => call<PickedFile | null>("pick_file", { filters }),
  pickSave: (defaultName: string) => call<string | null>("pick_save", { defaultName }),

  sources: () => call<Source[]>("sources"),
  /** `signIn` is the number of a sign-in that came to its end, or of a secret file that was picked. */
  probeSource: (settings: SourceSettings, secret: string | null, signIn: string | null, existing: number | null) =>
    call<ProbeReport>("probe_source", { settings, secret, signIn, existing }),
  addSource: (settings: SourceSettings, secret: string | null, signIn: string | null) => call<Source>("add_source", { settings, secret, signIn }),
  updateSource: (id: number, settings: SourceSettings, secret: string | null, signIn: string | null) =>
    call<Source>("update_source", { id, settings, secret, signIn }),
  beginSignIn: (settings: SourceSettings) => call<SignInPrompt>("begin_sign_in", { settings }),
  finishSignIn: (id: string) => call<null>("finish_sign_in", { id }),
  cancelSignIn: (id: string) => call<null>("cancel_sign_in", { id }),
  /** Picks a file with a certificate and its key. The engine holds what it says; the window hears a number. */
  pickSecretFile: () => call<string | null>("pick_secret_file"),
  setSourceEnabled: (id: number, enabled: boolean) => call<Source>("set_source_enabled", { id, enabled }),
  removalPreview: (id: number) => call<RemovalPreview>("removal_preview", { id }),
  removeSource: (id: number) => call<null>("remove_source", { id }),

  startSync: (ids: number[]) => call<null>("start_sync", { ids }),
  cancelSync: (id: number) => call<null>("cancel_sync", { id }),

  people: (query: PeopleQuery) => call<PeoplePage>("people", { query }),
  peopleFacets: () => call<FacetCount[]>("people_facets"),
  person: (key: string) => call<PersonDetail>("person", { key }),
  groups: (query: GroupQuery) => call<GroupPage>("groups", { query }),
  groupFacets: () => call<GroupFacetCount[]>("group_facets"),
  group: (key: string) => call<GroupDetail>("group", { key }),
  members: (query: MemberQuery) => call<MemberPage>("members", { query }),
  timeline: (key: string | null, since: number | null, offset: number, limit: number) =>
    call<ChangePage>("timeline", { key, since, offset, limit }),
  rawDocument: (key: string) => call<RawDocument>("raw_document", { key }),
  checkFilter: (resource: "User" | "Group", text: string, caret: number) =>
    call<FilterCheck>("check_filter", { resource, text, caret }),
  savedFilters: () => call<SavedFilter[]>("saved_filters"),
  saveFilter: (filter: SavedFilter) => call<null>("save_filter", { filter }),
  forgetFilter: (screen: string, name: string) => call<null>("forget_filter", { screen, name }),
  goto: (text: string, limit: number) => call<GotoHit[]>("goto", { text, limit }),
  overview: (since: number) => call<Overview>("overview", { since }),
  exportPeople: (query: PeopleQuery, columns: string[], format: ExportFormat, path: string) =>
    call<ExportDone>("export_people", { query, columns, format, path }),
  exportGroups: (query: GroupQuery, columns: string[], format: ExportFormat, path: string) =>
    call<ExportDone>("export_groups", { query, columns, format, path }),

  accessOf: (identity: string) => call<AccessOf>("access_of", { identity }),
  whoCan: (action: string, scope: string, offset: number, limit: number) => call<WhoCan>("who_can", { action, scope, offset, limit }),
  whyAccess: (identity: string, role: string, scope: string | null) => call<Why>("why_access", { identity, role, scope }),
  withoutEdge: (edge: string) => call<WhatIf>("without_edge", { edge }),
  accessFlow: (query: MapQuery) => call<FlowView>("access_flow", { query }),
  accessMatrix: (query: MapQuery, window: MatrixWindow) => call<MatrixView>("access_matrix", { query, window }),
  accessCell: (query: MapQuery, group: string, role: string) => call<CellDetail>("access_cell", { query, group, role }),
  accessTable: (query: MapQuery, offset: number, limit: number) => call<AccessPage>("access_table", { query, offset, limit }),
  whoCanRestore: (offset: number, limit: number) => call<RestoreView>("who_can_restore", { offset, limit }),
  restoreGroups: () => call<NodeRef[]>("restore_groups"),
  setRestoreGroups: (keys: string[]) => call<null>("set_restore_groups", { keys }),
  exportMap: (query: MapQuery, view: MapViewName, format: ExportFormat, path: string) => call<ExportDone>("export_map", { query, view, format, path }),
  /** Writes what the window has drawn into a file that was picked just before (`pickSave`). */
  saveExport: (query: MapQuery, view: MapViewName, path: string, bytes: Uint8Array) =>
    call<ExportDone>("save_export", { query, view, path, data: base64(bytes) }),

  joins: () => call<Joins>("joins"),
  decideJoin: (draft: JoinDraft) => call<null>("decide_join", { draft }),

  plans: () => call<PlanSummary[]>("plans"),
  planFile: (file: string) => call<PlanFile>("plan_file", { file }),
  checkPlan: (text: string) => call<PlanFile>("check_plan", { text }),
  /** Without a file it is a new one, called after the plan; `over` is the revision that was opened. */
  savePlan: (file: string | null, text: string, over: string | null) => call<PlanFile>("save_plan", { file, text, over }),
  leaver: (person: string) => call<Leaver>("leaver", { person }),
  planRun: (draft: RunDraft) => call<Run>("plan_run", { draft }),
  agreeRun: (run: number, agreement: Agreement) => call<Run>("agree_run", { run, agreement }),
  stopRun: (run: number) => call<Run>("stop_run", { run }),
  resumeRun: (run: number) => call<Run>("resume_run", { run }),
  restoreRun: (run: number) => call<Run>("restore_run", { run }),
  waiveCheck: (run: number, check: string, reason: string, until: number) => call<Run>("waive_check", { run, check, reason, until }),
  confirmStep: (run: number, step: string, note: string) => call<Run>("confirm_step", { run, step, note }),
  /** A credential that must be refused in the end. It goes to the engine once, and the window forgets it. */
  handOver: (run: number, check: string, secret: string) => call<Run>("hand_over", { run, check, secret }),
  closeRun: (run: number) => call<Run>("close_run", { run }),
  failRun: (run: number, reason: string) => call<Run>("fail_run", { run, reason }),
  abandonRun: (run: number) => call<Run>("abandon_run", { run }),
  runs: (query: RunQuery) => call<RunPage>("runs", { query }),
  run: (run: number) => call<Run>("run", { run }),
  runRecords: (run: number, offset: number, limit: number) => call<RunRecords>("run_records", { run, offset, limit }),
  revokeTrends: () => call<RevokeTrend[]>("revoke_trends"),
  /** Writes to a place that was picked just before (`pickSave`). */
  exportEvidence: (run: number, target: string, form: EvidenceForm, masked: boolean) => call<EvidenceExport>("export_evidence", { run, target, form, masked }),
  /** Asks for evidence that was exported, and gives its path; null when the dialog is closed. */
  pickEvidence: (form: EvidenceForm) => call<string | null>("pick_evidence", { form }),
  verifyEvidence: (path: string) => call<EvidenceCheck>("verify_evidence", { path }),

  credentials: () => call<CredentialList>("credentials_list"),
  verifyCredential: (id: string) => call<CredentialCheck>("credential_verify", { id }),
  /** Puts a new value in place of one that was changed elsewhere. It goes to the engine once, which tries it before it keeps it. */
  replaceCredential: (id: string, secret: string) => call<CredentialCheck>("credential_replace", { id, secret }),
  /** An end that a person knows of, and when it is to be rotated. */
  describeCredential: (id: string, expiresAt: number | null, policy: RotationPolicy) => call<null>("credential_describe", { id, expiresAt, policy }),
  /** A credential of Lanyard's own for the provider's token API. */
  keepManager: (source: number, secret: string) => call<null>("manager_keep", { source, secret }),
  forgetManager: (source: number) => call<null>("manager_forget", { source }),
  rotationOptions: (source: number) => call<RotationOptions>("rotation_options", { source }),
  /** What a rotation would do. Nothing that changes anything is sent. */
  planRotation: (start: RotationStart) => call<RotationPlan>("rotation_plan", { start }),
  beginRotation: (start: RotationStart) => call<number>("rotation_begin", { start }),
  rotations: (source: number | null) => call<RotationSummary[]>("rotations_list", { source }),
  rotation: (id: number) => call<RotationView>("rotation_show", { id }),
  /** The new credential, from the person who got it. It goes to the engine once, and the window forgets it. */
  pasteRotation: (id: number, secret: string) => call<null>("rotation_paste", { id, secret }),
  confirmRotation: (id: number, ask: "handOver" | "revoke", user: number | null, note: string) => call<null>("rotation_confirm", { id, ask, user, note }),
  decideRotation: (id: number, accept: boolean, note: string) => call<null>("rotation_decide", { id, accept, note }),
  askRotationNow: (id: number) => call<null>("rotation_ask_now", { id }),
  stopRotation: (id: number) => call<null>("rotation_stop", { id }),
  resumeRotation: (id: number) => call<null>("rotation_resume", { id }),
  putBackRotation: (id: number) => call<null>("rotation_put_back", { id }),

  findings: (query: FindingQuery) => call<FindingPage>("findings", { query }),
  finding: (id: string) => call<FindingDetail>("finding", { id }),
  /** The rules, each with how it stands; `since` says from when on a finding counts as new. */
  findingRules: (since: number | null) => call<RuleState[]>("finding_rules", { since }),
  findingSums: (since: number | null) => call<FindingSums>("finding_sums", { since }),
  suppressFinding: (id: string, reason: string, until: number) => call<null>("suppress_finding", { id, reason, until }),
  liftSuppression: (id: string) => call<null>("lift_suppression", { id }),
  setRule: (id: string, settings: RuleSettings) => call<null>("set_rule", { id, settings }),
  evaluateFindings: () => call<null>("evaluate_findings"),
  /** Writes to a place that was picked just before (`pickSave`). */
  exportFindings: (query: FindingQuery, format: FindingFormat, path: string) => call<ExportDone>("export_findings", { query, format, path }),

  syncMoments: (limit: number) => call<SyncMoment[]>("sync_moments", { limit }),
  compare: (query: ComparisonQuery) => call<Comparison>("compare", { query }),
  compareAccess: (query: ComparisonQuery) => call<AccessChangePage>("compare_access", { query }),
  /** A person or a group as it was, by the key of one of its records. */
  asOf: (key: string, at: number) => call<AsOf>("as_of", { key, at }),
  historyInfo: () => call<HistoryInfo>("history_info"),
  /** Lines of history that are older than so many days. */
  historyOverAge: (days: number) => call<number>("history_over_age", { days }),
  setHistoryRetention: (days: number | null) => call<HistoryInfo>("set_history_retention", { days }),
  pruneHistory: () => call<number>("prune_history"),

  audit: (query: AuditQuery) => call<AuditPage>("audit", { query }),
  verifyAudit: () => call<ChainCheck>("verify_audit"),
  /** Writes the whole log into a file that was picked just before (`pickSave`). */
  exportAudit: (path: string) => call<ExportDone>("export_audit", { path }),
  setting: (key: string) => call<string | null>("setting", { key }),
  setSetting: (key: string, value: string) => call<null>("set_setting", { key, value }),
};

/** Hears what the engine says while syncs run. */
export function listen(onEvent: (event: EngineEvent) => void): Promise<void> {
  return transport.subscribe(onEvent);
}
