/** The command palette: go to any person, group or source, or run a command. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArchiveRestore, Boxes, Cable, CircleCheckBig, CornerDownLeft, Download, FileCheck, FilePlus2, GitCompareArrows, Grid3x3, KeyRound, KeySquare, Keyboard, Link2, Moon, Plus, RefreshCw, RotateCcwKey, Search, ShieldAlert, ShieldCheck, ShieldQuestionMark, Sun, SunMoon, Table2, Target, UserRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Autocomplete, Dialog, Header, Input, Menu, MenuItem, MenuSection, Modal, ModalOverlay, SearchField } from "react-aria-components";
import { useNavigate } from "react-router";
import { groupPath, personPath, planPath, rotationPath, runPath, tokenPath } from "../components/address";
import { count } from "../components/format";
import { SourceMark } from "../components/marks";
import { toast } from "../components/toasts";
import { api, toFault, type GotoHit } from "../ipc";
import { checkOf, keys, useCredentials, useOpenRuns, usePlans, useSources } from "../ipc/queries";
import { KIND_NOUN } from "../screens/tokens/words";
import { BESIDE, FOOT, SCREENS } from "./Frame";
import styles from "./Palette.module.css";
import { chooseTheme } from "./themeSetting";

interface Command {
  id: string;
  text: string;
  /** More words to find it by. */
  words?: string;
  icon: ReactNode;
  keys?: string;
  run: () => void;
}

/** Whether all typed words begin words of the text. */
export function matches(text: string, typed: string): boolean {
  const words = text.toLowerCase().split(/[\s,.…-]+/);
  return typed.toLowerCase().split(/\s+/).filter(Boolean).every((t) => words.some((w) => w.startsWith(t)));
}

const say = (error: unknown) => {
  const fault = toFault(error);
  toast("bad", fault.what, fault.next);
};

function useCommands(onHelp: () => void): Command[] {
  const navigate = useNavigate();
  const client = useQueryClient();
  const sources = useSources().data ?? [];
  const runs = useOpenRuns().data?.runs ?? [];
  const plans = usePlans().data ?? [];
  const held = (useCredentials().data?.credentials ?? []).filter((c) => c.held);
  const go = (path: string) => () => void navigate(path);
  return [
    ...[...SCREENS, ...BESIDE, ...FOOT].map((s) => ({ id: s.path, text: s.title, words: "go to screen", icon: s.icon, keys: `g ${s.key}`, run: go(s.path) })),
    { id: "sync-all", text: "Sync all", words: "read refresh", icon: <RefreshCw />, run: () => void api.startSync([]).catch(say) },
    ...sources
      .filter((s) => s.settings.enabled)
      .map((s) => ({ id: `sync-${s.id}`, text: `Sync ${s.settings.name}`, words: "read refresh", icon: <SourceMark source={s} />, run: () => void api.startSync([s.id]).catch(say) })),
    { id: "findings-evaluate", text: "Evaluate findings", words: "rules ask again", icon: <ShieldQuestionMark />, run: () => void api.evaluateFindings().then(() => toast("good", "The rules are being asked."), say) },
    { id: "findings-worst", text: "Findings that are critical or high", words: "severity worst", icon: <ShieldAlert />, run: go("/findings?view=list&severity=critical,high") },
    { id: "findings-rules", text: "Rules of findings", words: "settings severity switch off", icon: <ShieldAlert />, run: go("/findings/rules") },
    { id: "findings-export", text: "Export findings…", words: "csv json sarif save", icon: <Download />, run: go("/findings?export=1") },
    { id: "changes-access", text: "Access gained and lost", words: "changes history compare", icon: <GitCompareArrows />, run: go("/changes?view=access") },
    { id: "joins", text: "Joins: who is the same", words: "correlation ambiguous identity link", icon: <Link2 />, run: go("/joins") },
    { id: "add", text: "Connect a system…", words: "add source new scim backstage azure", icon: <Plus />, run: go("/sources/new") },
    { id: "export-people", text: "Export people…", words: "csv json save", icon: <Download />, run: go("/people?export=1") },
    { id: "restore", text: "Who can restore", words: "access map vault backup", icon: <ArchiveRestore />, run: go("/access?view=restore") },
    { id: "matrix", text: "Access map as a matrix", words: "groups roles", icon: <Grid3x3 />, run: go("/access?view=matrix") },
    { id: "table", text: "Access map as a table", words: "list rows", icon: <Table2 />, run: go("/access?view=table") },
    ...runs.map((r) => ({ id: `run-${r.id}`, text: `Run ${r.id}: ${r.subject}`, words: `deprovision offboarding test ${r.plan}`, icon: <CircleCheckBig />, run: go(runPath(r.id)) })),
    ...plans.map((p) => ({ id: `plan-${p.file}`, text: `Plan ${p.name}`, words: "deprovision offboarding test", icon: <CircleCheckBig />, run: go(planPath(p.file)) })),
    { id: "plan-new", text: "New plan…", words: "deprovision test offboarding", icon: <FilePlus2 />, run: go("/deprovision/plans/new") },
    ...held.map((c) => ({
      id: `token-verify-${c.id}`, text: `Verify the ${KIND_NOUN[c.kind]} of ${c.sourceName}`, words: "token secret credential works check", icon: <ShieldCheck />,
      run: () => {
        void navigate(tokenPath(c.id));
        void client.query({ ...checkOf(c.id), staleTime: 0 }).then((check) => toast(check.works === "yes" ? "good" : check.works === "no" ? "bad" : "warn", check.says), say);
      },
    })),
    ...held.filter((c) => c.kind !== "borrowed" && c.kind !== "refreshToken").map((c) => ({
      id: `token-rotate-${c.id}`, text: c.rotation === null ? `Rotate the ${KIND_NOUN[c.kind]} of ${c.sourceName}…` : `Open the rotation of ${c.sourceName}`, words: "token secret credential leaked new", icon: <RotateCcwKey />,
      run: go(c.rotation === null ? `${tokenPath(c.id)}?rotate=${c.state === "refused" ? "refused" : "routine"}` : rotationPath(c.rotation)),
    })),
    { id: "tokens-need", text: "Tokens that need somebody", words: "credential due expired refused", icon: <KeyRound />, run: go("/tokens?facet=need") },
    { id: "verify-evidence", text: "Verify evidence…", words: "check signature run export open", icon: <FileCheck />, run: go("/deprovision/evidence") },
    { id: "export-groups", text: "Export groups…", words: "csv json save", icon: <Download />, run: go("/groups?export=1") },
    {
      id: "verify", text: "Verify the audit log", words: "chain check", icon: <ShieldCheck />,
      run: () => {
        void navigate("/audit");
        void api.verifyAudit().then((check) => {
          client.setQueryData([...keys.audit, "verified"], check);
          if (check.ok) toast("good", `The chain holds: ${count(check.entries)} entries.`);
          else toast("bad", check.problem ?? "The chain does not hold.");
        }, say);
      },
    },
    { id: "light", text: "Use the light theme", words: "appearance", icon: <Sun />, run: () => chooseTheme("light") },
    { id: "dark", text: "Use the dark theme", words: "appearance", icon: <Moon />, run: () => chooseTheme("dark") },
    { id: "system", text: "Use the system’s theme", words: "appearance auto", icon: <SunMoon />, run: () => chooseTheme("system") },
    { id: "keys", text: "Show the keys", words: "shortcuts help", icon: <Keyboard />, keys: "?", run: onHelp },
  ];
}

const HIT_ICON: Record<string, ReactNode> = { person: <UserRound />, group: <Boxes />, source: <Cable />, role: <KeySquare />, scope: <Target />, vault: <ArchiveRestore /> };

/** Where a hit leads: people, groups and sources have screens of their own; roles, scopes and vaults stand on the map. */
function pathOf({ kind, key }: GotoHit): string {
  switch (kind) {
    case "person": return personPath(key);
    case "group": return groupPath(key);
    case "source": return `/sources/${key}`;
    default: return `/access?focus=${encodeURIComponent(key)}`;
  }
}

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onHelp: () => void;
}

export const Palette = ({ isOpen, onClose, onHelp }: Props) => (
  <ModalOverlay className={styles.overlay} isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
    <Modal className={styles.modal}>
      <Dialog aria-label="Go to, or do" className={styles.dialog}>
        <Inner onClose={onClose} onHelp={onHelp} />
      </Dialog>
    </Modal>
  </ModalOverlay>
);

function Inner({ onClose, onHelp }: Omit<Props, "isOpen">) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const sources = useSources().data ?? [];
  const commands = useCommands(onHelp);
  const wanted = text.trim();
  const hits = useQuery({ queryKey: [...keys.directory, "goto", wanted], queryFn: () => api.goto(wanted, 12), enabled: wanted !== "", placeholderData: keepPreviousData, gcTime: 5_000 });
  const found = wanted === "" ? [] : (hits.data ?? []);
  const fitting = commands.filter((c) => wanted === "" || matches(`${c.text} ${c.words ?? ""}`, wanted));
  const places = fitting.filter((c) => c.id.startsWith("/"));
  const acts = fitting.filter((c) => !c.id.startsWith("/"));

  const run = (id: string) => {
    onClose();
    if (id.startsWith("hit:")) {
      const hit = found.find((h) => `hit:${h.kind}:${h.key}` === id);
      if (hit) void navigate(pathOf(hit));
      return;
    }
    commands.find((c) => c.id === id)?.run();
  };

  return (
    <Autocomplete inputValue={text} onInputChange={setText} filter={() => true}>
      <SearchField className={styles.field} aria-label="Go to, or do" autoFocus>
        <Search />
        <Input placeholder="A person, a group, a role, a vault, a command…" spellCheck={false} autoComplete="off" />
        <kbd>Esc</kbd>
      </SearchField>
      <Menu className={styles.list} aria-label="What was found" onAction={(id) => run(String(id))} renderEmptyState={() => <p className={styles.none}>{hits.isFetching ? "Looking…" : "Nothing of this name."}</p>}>
        {found.length > 0 && (
          <MenuSection>
            <Header className={styles.head}>People, groups, roles, scopes, sources</Header>
            {found.map((hit) => (
              <MenuItem key={`${hit.kind}:${hit.key}`} id={`hit:${hit.kind}:${hit.key}`} className={styles.item} textValue={hit.name}>
                {hit.kind === "source" ? <SourceMark source={sources.find((s) => String(s.id) === hit.key)} /> : HIT_ICON[hit.kind]}
                <bdi className="cut">{hit.name}</bdi>
                <span className={`${styles.note} cut`}>{hit.note}</span>
                <CornerDownLeft className={`x ${styles.enter}`} />
              </MenuItem>
            ))}
          </MenuSection>
        )}
        {places.length > 0 && <Section title="Go to" commands={places} />}
        {acts.length > 0 && <Section title="Do" commands={acts} />}
      </Menu>
    </Autocomplete>
  );
}

const Section = ({ title, commands }: { title: string; commands: readonly Command[] }) => (
  <MenuSection>
    <Header className={styles.head}>{title}</Header>
    {commands.map((command) => (
      <MenuItem key={command.id} id={command.id} className={styles.item} textValue={command.text}>
        {command.icon}
        <span className="cut">{command.text}</span>
        {command.keys !== undefined && <kbd>{command.keys}</kbd>}
        <CornerDownLeft className={`x ${styles.enter}`} />
      </MenuItem>
    ))}
  </MenuSection>
);
