/** Rotations of the synthetic company: one in every state, and waiting for each thing that a person can be asked for. */
import type { DeadProof } from "../types/DeadProof";
import type { Fault } from "../types/Fault";
import type { ProofMoment } from "../types/ProofMoment";
import type { Request } from "../types/Request";
import type { RotationAsk } from "../types/RotationAsk";
import type { RotationPoint } from "../types/RotationPoint";
import type { RotationReason } from "../types/RotationReason";
import type { RotationStage } from "../types/RotationStage";
import type { RotationState } from "../types/RotationState";
import type { RotationUser } from "../types/RotationUser";
import type { RotationView } from "../types/RotationView";
import type { SourceKind } from "../types/SourceKind";
import { DAY, MINUTE, print } from "./tokenWorld";

export interface FakeRotation {
  id: number;
  source: number;
  sourceName: string;
  system: SourceKind;
  base: string;
  reason: RotationReason;
  state: RotationState;
  stage: RotationStage;
  asks: RotationAsk | null;
  users: RotationUser[];
  beganAt: number;
  endedAt: number | null;
  driven: boolean;
  fault: Fault | null;
  says: string;
  /** Times at which everything was asked, and what the old one was answered. */
  asked: { at: number; old: number | null }[];
  revokedAt: number | null;
  overlapMs: number;
  notes: { at: number; title: string }[];
}

export const ORDER: readonly RotationStage[] = ["look", "make", "prove", "handOver", "promote", "revoke", "dead", "close"];
const LEAKED: readonly RotationStage[] = ["look", "revoke", "make", "prove", "handOver", "promote", "dead", "close"];
export const orderOf = (reason: RotationReason): readonly RotationStage[] => (reason === "leaked" ? LEAKED : ORDER);

export const TITLE: Record<RotationStage, string> = { look: "Look", make: "Make a new one", prove: "Prove the new one", handOver: "Hand over", promote: "Promote", revoke: "Revoke the old one", dead: "Prove the old token dead", close: "Close" };
const AHEAD: Record<RotationStage, string> = { look: "What the present one may do", make: "Kept beside the present one", prove: "Reads, people, writes, tenant", handOver: "To what else uses it", promote: "Lanyard uses the new one", revoke: "Ended at the provider", dead: "Asked until it is refused", close: "Forget the old value" };
const DONE: Record<RotationStage, string> = { look: "Reads and writes, 3,000 people", make: "New token in the keychain", prove: "All as with the old one", handOver: "Entra’s job: cycle clean", promote: "Lanyard asks with the new one", revoke: "One hour of overlap", dead: "Refused six times in a row", close: "Old value forgotten" };

const point = (title: string, says: string, verdict: RotationPoint["verdict"], count: number | null = null, wanted: number | null = null): RotationPoint => ({ title, says, verdict, count, wanted });
const WANTED = 6;

export const readOf = (base: string): Request => ({ method: "GET", url: `${base}/Users?count=0`, headers: [["Accept", "application/scim+json"]], body: null });
export const makeOf = (base: string): Request => ({ method: "POST", url: `${new URL(base).origin}/api/v1/scim-tokens`, headers: [["Content-Type", "application/json"]], body: '{ "name": "lanyard" }' });
export const revokeOf = (base: string): Request => ({ method: "DELETE", url: `${new URL(base).origin}/api/v1/scim-tokens/tok_41`, headers: [], body: null });
const secretsOf = (): Request => ({ method: "PUT", url: "https://graph.microsoft.com/v1.0/servicePrincipals/83ac41e0/synchronization/secrets", headers: [["Content-Type", "application/json"]], body: '{ "value": [ { "key": "SecretToken", "value": "••••••••" } ] }' });

function momentsOf(of: FakeRotation): ProofMoment[] {
  return of.asked.map(({ at, old }) => {
    const refused = old === 401;
    return { at, old: { status: old, accepted: old === null ? null : !refused }, oldWrite: null, new: { status: 200, accepted: true }, madeUp: { status: 401, accepted: false }, counts: refused };
  });
}

function proofOf(of: FakeRotation, now: number): DeadProof {
  const moments = momentsOf(of);
  const inRow = moments.length - 1 - moments.findLastIndex((m) => !m.counts);
  const done = inRow >= WANTED;
  const live = of.state !== "done" && of.state !== "putBack" && of.state !== "stopped";
  const overlapUntil = of.revokedAt === null ? null : of.revokedAt + of.overlapMs;
  const many = moments.length;
  return {
    read: readOf(of.base), write: null, moments: moments.slice(-200), total: many, inRow, wanted: WANTED, revokedAt: of.revokedAt, overlapUntil, nextAt: live ? Math.max(now, moments.at(-1)?.at ?? now) + 42_000 : null,
    points: [
      point("The old token is refused, six times in a row", "401 to a read, every 10 s from the first refusal on", done ? "passed" : of.state === "oldLives" ? "failed" : "waiting", Math.min(inRow, WANTED), WANTED),
      point("The old token is refused a write", "A PATCH that changes nothing; asked after the reads", done ? "passed" : "pending"),
      point("The new token is accepted at the same moments", "Or an outage would look like a death", "passed", many, many),
      point("A made-up token is refused", "Or the server checks nothing at all", "passed", many, many),
      point(`${of.sourceName}’s own log shows no use of the old token`, "It has no such log that can be read", "notEvaluated"),
    ],
  };
}

const LOOKED = [point("It reads", "200 to a read of one person", "passed"), point("It writes", "A PATCH that changes nothing was accepted", "passed"), point("Others are refused", "A made-up token was answered 401", "passed"), point("How many tokens there may be", "Two at most; an old one lives on for one hour", "passed")];
const PROVEN = [point("It reads", "200 to the same read", "passed"), point("It sees the same people", "3,000 with the old one, 3,000 with the new one", "passed"), point("It writes", "Accepted, as with the old one", "passed"), point("It is of the same tenant", "Both name tenant halcyon", "passed")];
const FAILED = [PROVEN[0], point("It sees the same people", "3,000 with the old one, 2,940 with the new one", "failed"), PROVEN[2], PROVEN[3]].filter((p) => p !== undefined);

export function viewOf(of: FakeRotation, now: number): RotationView {
  const order = orderOf(of.reason);
  const at = order.indexOf(of.stage);
  const over = of.state === "done" || of.state === "putBack";
  const stageAt = (n: number) => of.beganAt + (n + 1) * 2 * MINUTE;
  const has = (stage: RotationStage) => order.indexOf(stage) < at || of.state === "done";
  const proof = of.asked.length > 0 ? proofOf(of, now) : null;
  const back = !over && !has("revoke") && of.reason === "routine" && of.stage !== "dead";
  const overlapping = of.revokedAt !== null && of.revokedAt + of.overlapMs > now && of.state === "counting";
  const requests = [
    ...(has("make") ? [{ title: "Make a new token", request: makeOf(of.base), sentAt: stageAt(1), status: 201 }] : []),
    ...(has("handOver") && of.users.some((u) => u.kind === "entraJob") ? [{ title: "Save it in Entra’s job", request: secretsOf(), sentAt: stageAt(3), status: 204 }] : []),
    ...(of.revokedAt !== null ? [{ title: "Revoke the old token", request: revokeOf(of.base), sentAt: of.revokedAt, status: 204 }] : !over && !has("revoke") ? [{ title: "Revoke the old token", request: revokeOf(of.base), sentAt: null, status: null }] : []),
  ];
  return {
    summary: { id: of.id, source: of.source, sourceName: of.sourceName, system: of.system, reason: of.reason, state: of.state, says: of.says, by: "ines@freight-07", beganAt: of.beganAt, endedAt: of.endedAt },
    driven: of.driven,
    stages: order.map((stage, n) => {
      const now_ = n === at && of.state !== "done";
      const state = of.state === "done" || n < at ? (stage === "handOver" && of.users.length === 0 ? "skipped" : "done") : !now_ ? (of.state === "putBack" ? "skipped" : "ahead") : of.state === "waiting" ? "waiting" : of.state === "oldLives" || (of.state === "stopped" && of.fault !== null) ? "failed" : of.state === "stopped" ? "waiting" : of.state === "putBack" ? "skipped" : "now";
      const asksToDecide = of.asks?.kind === "decide" && stage === "prove";
      return { stage, title: TITLE[stage], state, says: state === "done" ? DONE[stage] : state === "skipped" && stage === "handOver" ? "Nothing else uses it" : AHEAD[stage], at: state === "done" ? stageAt(n) : null, points: asksToDecide ? FAILED : state !== "done" && !now_ ? [] : stage === "look" ? LOOKED : stage === "prove" ? PROVEN : [] };
    }),
    stage: of.stage,
    says: of.says,
    asks: of.asks,
    wayBack: back ? { title: "Keep the old token", says: "The old token still works and is in use where it was. The new one is taken back.", until: null } : overlapping ? { title: "Put the old token back", says: "The old token still works. One write puts it back into Entra’s job.", until: (of.revokedAt ?? now) + of.overlapMs } : null,
    noWayBack: back || overlapping ? null : over ? "It is over." : of.reason === "leaked" ? "It leaked, so that nobody may go back to it." : "The old token was revoked, and its time is over.",
    old: { fingerprint: print(of.id), providerId: "tok_41", createdAt: of.beganAt - 363 * DAY, expiresAt: null, state: of.state === "done" ? "forgotten" : of.revokedAt !== null ? "revoked" : has("promote") ? "replaced" : "in use" },
    new: has("make") ? { fingerprint: print(of.id + 500), providerId: "tok_42", createdAt: stageAt(1), expiresAt: of.beganAt + 362 * DAY, state: has("promote") ? "in use" : "next" } : { fingerprint: null, providerId: null, createdAt: null, expiresAt: null, state: "not there yet" },
    users: of.users,
    proof,
    requests,
    story: [
      { seq: 1, at: of.beganAt, title: `Begun by ines@freight-07`, mark: null, audit: 96 },
      ...order.slice(0, of.state === "done" ? order.length : at).map((stage, n) => ({ seq: n + 2, at: stageAt(n), title: `${TITLE[stage]}: ${DONE[stage].toLowerCase()}`, mark: "passed" as const, audit: 97 + n })),
      ...of.notes.map((note, n) => ({ seq: order.length + n + 2, at: note.at, title: note.title, mark: null, audit: null })),
      ...(of.fault === null ? [] : [{ seq: 60, at: now - 3 * MINUTE, title: of.fault.what, mark: "failed" as const, audit: 140 }]),
    ],
    fault: of.fault,
  };
}

const JOB: RotationUser = { kind: "entraJob", source: 5, servicePrincipal: "83ac41e0", job: "scim.5f1e", name: "Ledgerly" };
const CRON: RotationUser = { kind: "byHand", name: "The HR export’s cron job", instructions: "Change LEDGERLY_TOKEN in the vault, and restart the job." };

export const ASK: { [Kind in RotationAsk["kind"]]: Extract<RotationAsk, { kind: Kind }> } = {
  paste: { kind: "paste", steps: ["Open the portal’s settings, then “External access”.", "Add a static token named “lanyard”, with the same subject as the present one.", "Copy the token. It is shown once."], again: null },
  handOver: { kind: "handOver", user: 1, title: "The HR export’s cron job", steps: ["Change LEDGERLY_TOKEN in the vault, and restart the job.", "Wait for one run to end well."] },
  revoke: { kind: "revoke", steps: ["Open the portal’s settings, then “External access”.", "Take the token named “lanyard-2025” out, and restart the backend."] },
  decide: { kind: "decide", points: ["It sees 2,940 people; the old one sees 3,000."] },
};

const every = (from: number, to: number, step: number, old: number | null) => Array.from({ length: Math.max(0, Math.floor((to - from) / step)) }, (_, n) => ({ at: from + n * step, old }));

export function makeRotations(now: number): FakeRotation[] {
  const base = { ledgerly: "https://api.ledgerly.example/scim/v2", idp: "https://idp.halcyon.example/scim/v2", portal: "https://portal.halcyon.example/api" };
  const one = (id: number, over: Partial<FakeRotation>): FakeRotation => ({
    id, source: 2, sourceName: "Ledgerly", system: "scim", base: base.ledgerly, reason: "routine", state: "running", stage: "look", asks: null, users: [JOB], beganAt: now - 43 * MINUTE, endedAt: null, driven: true, fault: null, says: "", asked: [], revokedAt: null, overlapMs: 60 * MINUTE, notes: [], ...over,
  });
  const idp = { source: 1, sourceName: "Workforce IdP", base: base.idp, users: [] };
  const portal = { source: 4, sourceName: "Developer portal", system: "backstage" as const, base: base.portal, users: [] };
  const ago = (minutes: number) => now - minutes * MINUTE;
  return [
    one(41, { state: "done", stage: "close", beganAt: ago(400 * 1440), endedAt: ago(400 * 1440 - 80), revokedAt: ago(400 * 1440 - 14), asked: [...every(ago(400 * 1440 - 14), ago(400 * 1440 - 74), MINUTE, 200), ...every(ago(400 * 1440 - 74), ago(400 * 1440 - 75), 10_000, 401)], says: "The old token was refused six times in a row." }),
    one(42, { state: "putBack", stage: "prove", beganAt: ago(30 * 1440), endedAt: ago(30 * 1440 - 6), says: "The new token saw fewer people; the old one stayed in use, and the new one was taken back." }),
    one(43, { ...idp, state: "oldLives", stage: "dead", beganAt: ago(140), revokedAt: ago(126), overlapMs: 10 * MINUTE, asked: every(ago(126), now, 2 * MINUTE, 200), says: "The provider answered that the old token is revoked, and it still opens the source 116 minutes after its time. Revoke it again at the provider, then ask." }),
    one(44, { state: "counting", stage: "dead", revokedAt: ago(41), asked: every(ago(41), now, MINUTE, 200), says: "Ledgerly keeps it alive for one hour. Until it is refused, it can still write." }),
    one(45, { ...portal, state: "waiting", stage: "make", beganAt: ago(4), asks: ASK.paste, says: "Backstage has no way to make one by request. Get a new one, and paste it." }),
    one(46, { state: "waiting", stage: "handOver", beganAt: ago(12), asks: ASK.handOver, users: [JOB, CRON], says: "Entra’s job has it. The HR export’s cron job is changed by hand." }),
    one(47, { ...portal, state: "waiting", stage: "revoke", beganAt: ago(15), asks: ASK.revoke, overlapMs: 0, says: "The new one is in use. The old one is revoked by hand." }),
    one(48, { state: "waiting", stage: "prove", beganAt: ago(6), asks: ASK.decide, says: "The new one differs from the old one in a point that a person may decide over." }),
    one(49, { state: "stopped", stage: "handOver", beganAt: ago(20), driven: false, says: "Entra refused the new token for its job. Nothing depends on the new one yet.", fault: { code: "rotation.handOver", what: "Entra did not accept the new token for its provisioning job (400).", means: "The job runs on the old token, which works. Nothing is lost.", next: "Look whether the job’s address is right, then resume.", action: { kind: "retry" }, details: [{ name: "Request", value: "POST …/synchronization/jobs/scim.5f1e/validateCredentials" }, { name: "Status", value: "400" }] } }),
    one(50, { ...idp, reason: "leaked", state: "running", stage: "make", beganAt: ago(3), revokedAt: ago(1), overlapMs: 0, says: "The old one is revoked. A new one is made at the provider." }),
  ];
}
