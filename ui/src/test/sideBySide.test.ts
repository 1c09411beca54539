import { describe, expect, it } from "vitest";
import { joinMemberships } from "../screens/people/PersonInspector";
import { mergeCells } from "../components/CompareTable";
import { jsonPieces } from "../components/RawView";

const cell = (value: string | null, differs = false) => ({ value, differs });

describe("sources side by side", () => {
  it("share one cell where neighbours agree", () => {
    expect(mergeCells([cell("Olena"), cell("Olena"), cell("Olha", true), cell("Olena")]).map((c) => [c.value, c.span])).toEqual([["Olena", 2], ["Olha", 1], ["Olena", 1]]);
  });
  it("never hide a difference in a shared cell", () => {
    expect(mergeCells([cell("a"), cell("b", true), cell("b", true)]).map((c) => c.span)).toEqual([1, 1, 1]);
  });
  it("share what nobody holds", () => expect(mergeCells([cell(null), cell(null)])).toHaveLength(1));
  it("say a membership once, with all who say so", () => {
    const row = (source: number, direct = true, via: string[] = []) => ({ key: `${source}.g`, source, name: "payments", direct, via });
    const joined = joinMemberships([row(1), row(2), row(1, false, ["payments-sre"])]);
    expect(joined.map((j) => j.sources)).toEqual([[1, 2], [1]]);
  });
});

describe("JSON in shades", () => {
  it("loses no character", () => {
    const text = JSON.stringify({ a: 'x "y"', b: [1.5e3, true, null], "ключ": "値" }, null, 2);
    const flat = jsonPieces(text).map((p) => (typeof p === "string" ? p : ((p as { props: { children: string } }).props.children))).join("");
    expect(flat).toBe(text);
  });
});
