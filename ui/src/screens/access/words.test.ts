import { describe, expect, it } from "vitest";
import { shortRecord } from "../../components/PathView";
import type { AccessPath, AccessState, CellDetail, Hop, NodeRef } from "../../ipc";
import { colours } from "./export/colours";
import { cutTo, type Scene } from "./export/scene";
import { toSvg } from "./export/svg";
import { EMPTY_QUERY, formatMap, parseMap, pressed } from "./mapAddress";
import { cellTitle } from "./matrix/CellPanel";
import { blocksOf } from "./matrix/useMatrix";
import { allCaveats } from "./place";
import { compact, headline } from "./words";

const ref = (layer: NodeRef["layer"], name: string): NodeRef => ({ key: `${layer}:${name}`, layer, name, apart: null, sort: "", source: 1, system: "azure", id: name });
const path = (state: AccessState, role = "Backup Operator", scope = "vault-prod"): AccessPath => {
  const hop: Hop = { kind: "permits", from: ref("roles", role), to: ref("scopes", scope), text: "", notes: [], state, edge: null, provenance: [], disagree: [] };
  return { state, title: "Direct", hops: [hop], reasons: [] };
};

describe("the headline", () => {
  it.each<[AccessState[], string]>([
    [["active", "active"], "Олена can restore from vault-prod, by two paths"],
    [["active"], "Олена can restore from vault-prod"],
    [["eligible"], "Олена can restore from vault-prod once Backup Operator is activated"],
    [["conditional", "denied"], "Олена can restore from vault-prod under a condition, by two paths"],
    [["denied"], "Олена is denied restoring from vault-prod"],
    [["notFollowed"], "Олена does not get to restore from vault-prod: nested groups are not followed there"],
  ])("of %j", (states, says) => expect(headline("Олена", states.map((s) => path(s)), true)).toBe(says));
  it("names the role where it is not about restoring", () => {
    expect(headline("Олена", [path("eligible", "Contributor", "sub-payments")], false)).toBe("Олена can activate Contributor on sub-payments");
    expect(headline("Олена", [path("active"), path("active", "Reader"), path("active", "Owner")], false)).toBe("Олена holds 3 roles on vault-prod, by three paths");
  });
  it("never says nobody where nothing was found", () => expect(headline("Олена", [], true)).toContain("in what was read"));
});

describe("a cell's title", () => {
  const detail = (over: Partial<CellDetail>): CellDetail => ({ group: ref("groups", "ops"), role: ref("roles", "Owner"), paths: [], direct: 0, nested: 0, through: [], caveats: [], ...over });
  it("tells nothing held from nothing read", () => {
    expect(cellTitle(detail({}))).toBe("ops holds no Owner");
    expect(cellTitle(detail({ caveats: [{ source: 5, text: "not read" }] }))).toBe("Whether ops holds Owner is not evaluated");
  });
  it("counts scopes", () => expect(cellTitle(detail({ paths: [path("active", "Owner", "a"), path("active", "Owner", "b")] }))).toBe("ops holds Owner on 2 scopes"));
});

describe("the address", () => {
  it("keeps all of the question, whatever stands in it", () => {
    const state = {
      view: "matrix" as const, path: 2, row: null, cell: { group: "group:1.a&b=c", role: "role:4:role:default/x y" },
      query: { systems: ["backstage" as const, "azure" as const], sources: [4, 5], privileged: true, canRestore: true, drifted: true, nonHuman: true, search: "Олена ?&#", focus: "person:1.ü>", target: "scope:5:/subscriptions/1", open: ["more:groups", "cluster:a,b"] },
    };
    expect(parseMap(formatMap(state))).toEqual(state);
  });
  it("is bare for the whole map, and sound for nonsense", () => {
    expect(formatMap(parseMap(""))).toBe("");
    expect(parseMap("?view=x&source=-1&source=a&path=0&target=lost&system=ldap")).toEqual(parseMap(""));
  });
});

describe("a press on a box", () => {
  const query = { ...EMPTY_QUERY, focus: "person:1" };
  it("makes a pair of a person and what is held, whichever comes first", () => {
    expect(pressed(query, "scope:1")).toEqual({ target: "scope:1" });
    expect(pressed({ ...EMPTY_QUERY, focus: "scope:1" }, "person:1")).toEqual({ focus: "person:1", target: "scope:1" });
  });
  it("is taken back by a second one", () => {
    expect(pressed({ ...query, target: "scope:1" }, "scope:1")).toEqual({ target: null });
    expect(pressed(query, "person:1")).toEqual({ focus: null, target: null });
  });
  it("moves the focus otherwise", () => expect(pressed(query, "group:1")).toEqual({ focus: "group:1", target: null }));
});

describe("caveats", () => {
  it("name a source that was never synced, unless the engine has spoken of it", () => {
    const source = { id: 5, health: "new", lastSyncAt: null, settings: { name: "Tenant", enabled: true } } as never;
    expect(allCaveats([], [source], 0)).toHaveLength(1);
    expect(allCaveats([{ source: 5, text: "x" }], [source], 0)).toHaveLength(1);
  });
});

describe("windows of the matrix", () => {
  it("ask for the blocks in view only", () => {
    expect(blocksOf({ row: 0, rowEnd: 30, column: 0, columnEnd: 20 })).toEqual([{ row: 0, column: 0 }]);
    expect(blocksOf({ row: 4_990, rowEnd: 5_010, column: 55, columnEnd: 70 })).toEqual([{ row: 4900, column: 0 }, { row: 4900, column: 60 }, { row: 5000, column: 0 }, { row: 5000, column: 60 }]);
    expect(blocksOf({ row: 0, rowEnd: 0, column: 0, columnEnd: 0 })).toHaveLength(1);
  });
});

describe("short forms", () => {
  it.each([[42, "42"], [999, "999"], [1_204, "1.2k"], [9_999, "9.9k"], [61_300, "61k"], [1_250_000, "1.2M"]])("of %d", (n, says) => expect(compact(n)).toBe(says));
  it("of records keep the end, which tells them apart", () => {
    expect(shortRecord("roleAssignments/7d0f-19be")).toBe("roleAssignments/7d0f-19be");
    expect(shortRecord("Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action")).toBe("…/recoveryPoints/restore/action");
    expect(shortRecord("x".repeat(200)).length).toBeLessThan(40);
  });
  it("are cut between letters, not within", () => expect(cutTo("दीपिका नायर", 4, (t) => [...new Intl.Segmenter().segment(t)].length)).toBe("दीपिका…"));
});

describe("an exported drawing", () => {
  const scene = (text: string): Scene => ({ width: 100, height: 50, title: text, marks: [{ kind: "words", x: 1, y: 1, text, size: 12, ink: { role: "text" } }, { kind: "area", d: "M0 0H1Z", fill: { role: "azure", share: 0.2 }, dash: "1 5", stroke: { role: "line" } }] });
  it("is sound XML whatever a server has named its groups", () => {
    const text = toSvg(scene('</text><script>alert("1")</script>&\u0000\u0008'), colours());
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.querySelector("script")).toBeNull();
    expect(parsed.querySelector("text")?.textContent).toContain("<script>");
  });
  it("needs no style sheet", () => expect(toSvg(scene("x"), colours())).not.toMatch(/var\(|class=/));
});
