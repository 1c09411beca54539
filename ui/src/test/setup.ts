/** What a web view has and jsdom lacks; each test starts with a fresh company. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { forgetProgress } from "../ipc/live";
import { reset } from "../ipc/fake/transport";

Element.prototype.scrollIntoView = vi.fn();
// jsdom's own canvas answers with an error; axe asks it about the colours of icons only.
HTMLCanvasElement.prototype.getContext = () => null;

// jsdom has no CSS object; react-aria escapes ids for selectors with it.
vi.stubGlobal("CSS", { escape: (text: string) => text.replace(/[^\w-]/g, (c) => `\\${c}`), supports: () => false });
// Words, not a whole page, when something is not found; and patience on a busy machine.
configure({ asyncUtilTimeout: 15_000, getElementError: (message) => new Error(message ?? "not found") });

beforeEach(() => {
  localStorage.clear();
  reset({ firstRun: false, people: 240 });
  forgetProgress();
});
afterEach(cleanup);
