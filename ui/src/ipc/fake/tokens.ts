/* eslint-disable @typescript-eslint/only-throw-error -- what Tauri hands over when a command is refused is the fault itself, no Error */
/** Answers about credentials and rotations. No value that comes in is kept: only that one came. */
import type { Credential } from "../types/Credential";
import type { CredentialCheck } from "../types/CredentialCheck";
import type { EngineEvent } from "../types/EngineEvent";
import type { Fault } from "../types/Fault";
import type { RotationOptions } from "../types/RotationOptions";
import type { RotationPlan } from "../types/RotationPlan";
import type { RotationPolicy } from "../types/RotationPolicy";
import type { RotationStart } from "../types/RotationStart";
import type { Source } from "../types/Source";
import { ASK, makeOf, makeRotations, orderOf, readOf, revokeOf, TITLE, viewOf, type FakeRotation } from "./rotationWorld";
import { credentialsOf, DAY, MINUTE, print, type TokenScene } from "./tokenWorld";

export interface TokenWorld {
  scene: TokenScene;
  rotations: FakeRotation[];
  changed: Map<string, Partial<Credential>>;
  managers: Set<number>;
}

export const makeTokens = (scene: TokenScene, now: number): TokenWorld => ({ scene, rotations: makeRotations(now), changed: new Map(), managers: new Set() });

const refusal = (code: string, what: string, means: string, next: string): Fault => ({ code, what, means, next, action: null, details: [] });

type Args = Record<string, unknown>;

export function tokenHandlers(world: () => { tokens: TokenWorld; sources: Source[] }, say: (event: EngineEvent) => void): Record<string, (args: Args) => unknown> {
  const source = (id: unknown): Source => {
    const found = world().sources.find((s) => s.id === id);
    if (!found) throw refusal("notFound", `There is no source “${String(id)}”.`, "It may have been removed.", "Look it up in the list again.");
    return found;
  };
  const list = () => credentialsOf(world().sources, world().tokens.scene, Date.now(), world().tokens.changed);
  const credential = (id: unknown): Credential => {
    const found = list().credentials.find((c) => c.id === id);
    if (!found) throw refusal("notFound", `There is no credential “${String(id)}”.`, "Its source may have been removed.", "Look it up in the list again.");
    return found;
  };
  const rotation = (id: unknown): FakeRotation => {
    const found = world().tokens.rotations.find((r) => r.id === id);
    if (!found) throw refusal("notFound", `There is no rotation ${String(id)}.`, "It may belong to another data folder.", "Look it up at its credential.");
    return found;
  };
  const change = (id: string, of: Partial<Credential>) => world().tokens.changed.set(id, { ...world().tokens.changed.get(id), ...of });
  const told = (of: FakeRotation, title: string) => {
    of.notes.push({ at: Date.now(), title });
    say({ kind: "tokensChanged", rotation: of.id });
    return null;
  };
  const onTo = (of: FakeRotation, stage: FakeRotation["stage"], says: string) => Object.assign(of, { stage, state: "running", asks: null, fault: null, driven: true, says });

  const check = (of: Credential, works: boolean): CredentialCheck => {
    const read = readOf(source(of.source).settings.url);
    return {
      id: of.id, at: Date.now(), works: works ? "yes" : "no", reads: works ? "yes" : "no", writes: works && of.writes === "yes" ? "yes" : "notEvaluated", whose: works ? "tenant halcyon" : null, people: works ? 3000 : null,
      says: works ? "It is accepted where a made-up one is refused, and sees 3,000 people." : "The source refuses it (401), as it refuses a made-up one.",
      fault: works ? null : { ...refusal("scim.unauthorized", `${of.sourceName} refused the token (401).`, "Nothing can be read with it.", "Put in a new value, or rotate it."), details: [{ name: "Status", value: "401 Unauthorized" }] },
      asked: [
        { title: "Read with the token", request: read, status: works ? 200 : 401, says: works ? "Let in; 3,000 people." : "Refused." },
        { title: "Read with a made-up token", request: read, status: 401, says: "Refused, as it must be." },
        { title: "Write with the token", request: { ...read, method: "PATCH" }, status: works && of.writes === "yes" ? 204 : null, says: works && of.writes === "yes" ? "Accepted; it changes nothing." : "Not tried: writing is switched off for this source." },
      ],
    };
  };

  const options = (id: unknown): RotationOptions => {
    const of = source(id);
    const scim = of.settings.kind === "scim";
    const azure = of.settings.kind === "azure";
    const jobs = scim && of.id === 2 ? viewOf(rotation(44), Date.now()).users : [];
    return {
      source: of.id, writes: of.settings.allowWrites, manager: world().tokens.managers.has(of.id), entra: false, entraSays: azure ? "the application may not change its own secrets (Application.ReadWrite.OwnedBy is missing)." : null,
      recipes: scim ? [{ name: "scim-tokens", description: "Makes and revokes tokens at /api/v1/scim-tokens.", file: "recipes/scim-tokens.yaml", problem: null }, { name: "portal-keys", description: "Keys of the staff portal.", file: "recipes/portal-keys.yaml", problem: "line 12: “revoke.url” leads to another origin." }] : [],
      jobs, notEvaluated: azure ? [] : ["which other programs use it; no system says so."],
      suggested: { source: of.id, reason: "routine", how: scim && of.settings.allowWrites ? { kind: "recipe", recipe: "scim-tokens" } : { kind: "paste" }, oldId: null, overlapMs: scim ? 60 * MINUTE : 0, expiresAt: null, users: jobs, everyMs: null, graceMs: null },
    };
  };

  const plan = (start: RotationStart): RotationPlan => {
    const of = source(start.source);
    const api = start.how.kind === "recipe";
    return {
      stages: orderOf(start.reason)
        .filter((stage) => stage !== "handOver" || start.users.length > 0)
        .map((stage) => ({
          stage, title: TITLE[stage],
          says: { look: "Asks with the present one and with a made-up one, and notes what each may do.", make: api ? "Makes a new one at the provider, and keeps it as the next one." : "You get a new one from the provider, and paste it.", prove: "Asks with the new one what the present one may do.", handOver: `Gives it to ${start.users.length === 1 ? "one system" : `${start.users.length} systems`}, and sees each work with it.`, promote: "Lanyard asks with the new one from here on.", revoke: api ? "Ends the old one at the provider." : "You end the old one at the provider.", dead: "Asks with the old one until it is refused six times in a row, while the new one is let in and a made-up one is refused.", close: "Forgets the old value, and completes the record." }[stage],
          requests: stage === "make" && api ? [makeOf(of.settings.url)] : stage === "revoke" && api ? [revokeOf(of.settings.url)] : [],
          byHand: (stage === "make" || stage === "revoke") && !api,
        })),
      tokens: api ? [{ id: "tok_41", name: "lanyard-2025", createdAt: Date.now() - 363 * DAY, expiresAt: null, usedAt: Date.now() - 9 * MINUTE, revoked: false, worksUntil: null, ours: true }, { id: "tok_38", name: "hr-export", createdAt: Date.now() - 700 * DAY, expiresAt: null, usedAt: Date.now() - 31 * DAY, revoked: false, worksUntil: null, ours: false }] : [],
      oldId: api ? (start.oldId ?? "tok_41") : null,
      blocks: api && !of.settings.allowWrites ? ["Writing is switched off for this source, so that nothing can be made or revoked by request."] : [],
      notes: ["The provider allows two tokens at a time.", ...(start.overlapMs > 0 ? [`The old one may live on for ${Math.round(start.overlapMs / MINUTE)} minutes after it was revoked.`] : [])],
    };
  };

  return {
    credentials_list: list,
    credential_verify: async (a) => {
      await new Promise((done) => setTimeout(done, 300));
      const of = credential(a["id"]);
      const found = check(of, of.state !== "refused");
      change(of.id, { verifiedAt: found.at, reads: found.reads, writes: found.writes });
      say({ kind: "tokensChanged", rotation: null });
      return found;
    },
    credential_replace: (a) => {
      const of = credential(a["id"]);
      if (String(a["secret"]).includes("wrong")) throw refusal("credential.refused", `${of.sourceName} refuses this one (401).`, "The one that was kept stays.", "Look whether it was copied whole, and give it again.");
      change(of.id, { state: "good", says: "It works: it was just put in and tried.", reads: "yes", refusedSince: null, verifiedAt: Date.now(), workedAt: Date.now(), fingerprint: print(of.source + 900), createdAt: Date.now() });
      say({ kind: "tokensChanged", rotation: null });
      return check({ ...of, state: "good" }, true);
    },
    credential_describe: (a) => {
      const policy = a["policy"] as RotationPolicy;
      const expiresAt = a["expiresAt"] as number | null;
      change(String(a["id"]), { policy, ...(expiresAt === null ? {} : { expiresAt, expiresFrom: "typed", dueAt: expiresAt, daysLeft: Math.floor((expiresAt - Date.now()) / DAY) }) });
      say({ kind: "tokensChanged", rotation: null });
      return null;
    },
    manager_keep: (a) => { world().tokens.managers.add(source(a["source"]).id); return null; },
    manager_forget: (a) => { world().tokens.managers.delete(source(a["source"]).id); return null; },
    rotation_options: (a) => options(a["source"]),
    rotation_plan: (a) => plan(a["start"] as RotationStart),
    rotation_begin: (a) => {
      const start = a["start"] as RotationStart;
      const of = source(start.source);
      const id = Math.max(...world().tokens.rotations.map((r) => r.id)) + 1;
      const paste = start.how.kind === "paste";
      const now = Date.now();
      world().tokens.rotations.push({
        id, source: of.id, sourceName: of.settings.name, system: of.settings.kind, base: of.settings.url, reason: start.reason, state: paste ? "waiting" : "running", stage: "make", asks: paste ? ASK.paste : null, users: start.users, beganAt: now, endedAt: null, driven: true, fault: null,
        says: paste ? "Get a new one, and paste it." : "A new one is made at the provider.", asked: [], revokedAt: start.reason === "leaked" ? now : null, overlapMs: start.overlapMs, notes: [],
      });
      change(`own:${of.id}`, { state: "rotating", rotation: id });
      say({ kind: "tokensChanged", rotation: id });
      return id;
    },
    rotations_list: (a) => world().tokens.rotations.filter((r) => a["source"] === null || r.source === a["source"]).map((r) => viewOf(r, Date.now()).summary).reverse(),
    rotation_show: (a) => viewOf(rotation(a["id"]), Date.now()),
    rotation_paste: (a) => {
      const of = rotation(a["id"]);
      if (String(a["secret"]).includes("wrong")) {
        of.asks = { ...ASK.paste, again: "The last one was refused (401). Look whether it was copied whole." };
        return told(of, "What was pasted is refused");
      }
      onTo(of, "prove", "The new one is asked with.");
      return told(of, "A new one was handed over");
    },
    rotation_confirm: (a) => {
      const of = rotation(a["id"]);
      if (a["ask"] === "revoke") {
        of.revokedAt = Date.now();
        of.asked = [{ at: Date.now(), old: 401 }];
        onTo(of, "dead", "The old one is asked with until it is refused.");
      } else onTo(of, "promote", "The new one becomes the present one.");
      return told(of, `Confirmed by ines@freight-07${a["note"] === "" ? "" : `: ${String(a["note"])}`}`);
    },
    rotation_decide: (a) => {
      const of = rotation(a["id"]);
      if (a["accept"] === true) onTo(of, "handOver", "It was accepted as it is.");
      else Object.assign(of, { state: "putBack", asks: null, endedAt: Date.now(), says: "The new one was taken back; the old one stays in use." });
      return told(of, `Decided by ines@freight-07: ${String(a["note"])}`);
    },
    rotation_ask_now: (a) => {
      const of = rotation(a["id"]);
      of.asked.push({ at: Date.now(), old: of.asked.at(-1)?.old ?? 200 });
      return told(of, "Asked on request");
    },
    rotation_stop: (a) => told(Object.assign(rotation(a["id"]), { state: "stopped", driven: false, says: "Stopped by ines@freight-07. Nothing is sent until it is resumed." }), "Stopped"),
    rotation_resume: (a) => {
      const of = rotation(a["id"]);
      Object.assign(of, { state: of.asked.length > 0 ? "counting" : "running", driven: true, fault: null, says: "It goes on where it stood." });
      return told(of, "Resumed");
    },
    rotation_put_back: (a) => told(Object.assign(rotation(a["id"]), { state: "putBack", asks: null, endedAt: Date.now(), says: "The old token is in use as before; the new one was taken back." }), "Put back"),
  };
}
