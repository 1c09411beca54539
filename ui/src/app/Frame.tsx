/** The frame every screen stands in: rail, bar, sheet. */
import { ArrowLeft, ArrowRight, Boxes, Cable, ChevronRight, ChevronsUpDown, FolderOpen, GitCompareArrows, Info, KeyRound, LayoutDashboard, LoaderCircle, Lock, LockOpen, Moon, ScrollText, Search, ShieldAlert, SlidersHorizontal, Sun, UserRoundX, UsersRound, Waypoints, X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Link, useLocation, useNavigate } from "react-router";
import { IconButton } from "../components/controls";
import { count } from "../components/format";
import { CONTROL } from "../components/platform";
import { Brand } from "../components/marks";
import parts from "../components/parts.module.css";
import { since } from "../components/spans";
import type { AppState, Severity, Source } from "../ipc";
import { needsPerson } from "../components/verdicts";
import { useCredentials, useFindingSums, useOpenRuns, usePlans } from "../ipc/queries";
import { useNow } from "../components/now";
import { useShownTheme } from "../theme/theme";
import { isBad } from "../screens/tokens/tokenList";
import { useCrumbs } from "./crumbs";
import styles from "./Frame.module.css";
import { useHistoryPlace } from "./history";
import { SourceMarks } from "./SourceMarks";
import { chooseTheme } from "./themeSetting";

export const SCREENS = [
  { path: "/overview", title: "Overview", icon: <LayoutDashboard />, key: "o" },
  { path: "/people", title: "People", icon: <UsersRound />, key: "p" },
  { path: "/groups", title: "Groups", icon: <Boxes />, key: "r" },
  { path: "/access", title: "Access map", icon: <Waypoints />, key: "m" },
  { path: "/findings", title: "Findings", icon: <ShieldAlert />, key: "f" },
  { path: "/deprovision", title: "De-provisioning", icon: <UserRoundX />, key: "d" },
  { path: "/tokens", title: "Tokens", icon: <KeyRound />, key: "t" },
  { path: "/audit", title: "Audit log", icon: <ScrollText />, key: "a" },
] as const;
/** Screens that are reached from others, by keys and by the palette. */
export const BESIDE = [{ path: "/changes", title: "Changes", icon: <GitCompareArrows />, key: "c" }] as const;
export const FOOT = [
  { path: "/sources", title: "Sources", icon: <Cable />, key: "s" },
  { path: "/settings", title: "Settings", icon: <SlidersHorizontal />, key: "," },
] as const;

/** Screens that are a canvas: on a narrow window the rail folds to its icons there. */
const CANVASES: readonly string[] = ["/access"];

const needsCare = (source: Source) => source.settings.enabled && (source.health === "failing" || source.health === "incomplete");

interface Props {
  app: AppState;
  sources: readonly Source[];
  /** That the first screen has had its turn, see {@link useSettled}. */
  settled: boolean;
  onPalette: () => void;
  children: ReactNode;
}

export function Frame({ app, sources, settled, onPalette, children }: Props) {
  const theme = useShownTheme();
  const place = useHistoryPlace();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const crumbs = useCrumbs();
  const title = [...crumbs].reverse().map((c) => c.text).join(" · ");
  useEffect(() => {
    document.title = `${title} · ${app.company}`;
  }, [title, app.company]);
  const writing = sources.filter((s) => s.settings.allowWrites);
  const care = sources.filter(needsCare);
  const failing = care.some((s) => s.health === "failing");

  return (
    <div className={`${styles.app} ${CANVASES.includes(pathname) ? styles.slim : ""}`}>
      <nav className={styles.rail} aria-label="Screens">
        <MenuTrigger>
          <AriaButton className={styles.tenant} aria-label={`${app.company}: data folder`}>
            <Brand />
            <b className="cut">{app.company}</b>
            <ChevronsUpDown className="s" />
          </AriaButton>
          <Popover className={parts.popover} placement="bottom start">
            <div className={parts.menuHead}>{app.demo ? "The demo company" : "Data folder"}</div>
            <div className={`${parts.menuHead} ${styles.folder}`}><code>{app.dataDir}</code></div>
            <Menu className={parts.menu} aria-label="Data folder" onAction={(id) => void navigate(id === "open" ? "/settings?open=folder" : "/welcome")}>
              <MenuItem id="open" className={parts.menuItem}><FolderOpen className="s" />Open another data folder…</MenuItem>
              <MenuItem id="welcome" className={parts.menuItem}><LayoutDashboard className="s" />Show the first choices</MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
        <Nav items={SCREENS} badge={(path) => (path === "/findings" ? <FindingBadge ask={settled} /> : path === "/deprovision" ? <RunBadge /> : path === "/tokens" ? <TokenBadge /> : null)} />
        <div className={styles.foot}>
          <Nav
            items={FOOT}
            badge={(path) =>
              path === "/sources" && care.length > 0 ? (
                <span className={`${parts.badge} ${failing ? parts.badgeBad : ""}`} role="img" aria-label={`${care.length} need attention`}>
                  {care.length}
                </span>
              ) : null
            }
          />
          <p className={styles.writing} title={writing.length === 0 ? "No source may be written to." : `Writing is switched on for ${writing.map((s) => s.settings.name).join(", ")}.`}>
            {writing.length === 0 ? <Lock className="s" /> : <LockOpen className={`s ${styles.on}`} />}
            <span>{sources.length === 0 ? "Nothing is written" : writing.length === 0 ? "Read-only everywhere" : `Writing on: ${writing.length} of ${sources.length}`}</span>
          </p>
        </div>
      </nav>
      <header className={styles.top}>
        <IconButton label="Back" keys="Alt ←" isDisabled={!place.canBack} onPress={() => void navigate(-1)}>
          <ArrowLeft />
        </IconButton>
        <IconButton label="Forward" keys="Alt →" isDisabled={!place.canForward} onPress={() => void navigate(1)}>
          <ArrowRight />
        </IconButton>
        <nav aria-label="Where you are" className={styles.crumbNav}>
          <ol className={styles.crumbs}>
            {crumbs.map((crumb, n) => (
              <li key={crumb.path}>
                {n > 0 && <ChevronRight />}
                {n === crumbs.length - 1 ? (
                  <span aria-current="page" className="cut"><bdi>{crumb.text}</bdi></span>
                ) : (
                  <Link to={crumb.path}><bdi>{crumb.text}</bdi></Link>
                )}
              </li>
            ))}
          </ol>
        </nav>
        <AriaButton className={styles.goto} onPress={onPalette} aria-keyshortcuts="Control+K Meta+K" data-testid="goto">
          <Search />
          <span className="cut">Go to, or do…</span>
          <kbd>{CONTROL} K</kbd>
        </AriaButton>
        <SourceMarks sources={sources} />
        <IconButton label={theme === "dark" ? "Use the light theme" : "Use the dark theme"} onPress={() => chooseTheme(theme === "dark" ? "light" : "dark")}>
          {theme === "dark" ? <Moon /> : <Sun />}
        </IconButton>
      </header>
      <main className={styles.sheet} id="main">
        <Notices notices={app.notices} />
        <div className={styles.screen}>{children}</div>
      </main>
    </div>
  );
}

/** How many runs and plans need a person; that a run goes on, where none does. */
function RunBadge() {
  const now = useNow();
  const runs = useOpenRuns().data?.runs ?? [];
  const due = (usePlans().data ?? []).filter((p) => p.dueAt !== null && (p.remind || p.dueAt <= now)).length;
  const waiting = runs.filter(needsPerson);
  const bad = waiting.some((r) => r.state === "refusing");
  const total = waiting.length + due;
  if (total > 0) return <span className={`${parts.badge} ${bad ? parts.badgeBad : ""}`} role="img" aria-label={`${total} need a person`}>{total}</span>;
  if (runs.some((r) => r.state === "running")) return <span className={styles.going} role="img" aria-label="A run is going on"><LoaderCircle className="s spin" /></span>;
  return null;
}

/** So many are told by number; more would not fit the folded rail. */
const MOST = 999;

/** How many findings are open that are critical or high. Rules may have to be asked for it, over the whole map: the first rows go first. */
function FindingBadge({ ask }: { ask: boolean }) {
  const sums = useFindingSums(since(1, useNow()), ask).data;
  const of = (severity: Severity) => sums?.severities.find((s) => s.severity === severity)?.open ?? 0;
  const total = of("critical") + of("high");
  if (total === 0) return null;
  return <span className={`${parts.badge} ${of("critical") > 0 ? parts.badgeBad : ""}`} role="img" aria-label={`${count(total)} open that are critical or high`}>{total > MOST ? `${count(MOST)}+` : count(total)}</span>;
}

/** How many credentials need somebody. */
function TokenBadge() {
  const tokens = useCredentials().data;
  if (tokens === undefined || tokens.need === 0) return null;
  return <span className={`${parts.badge} ${tokens.credentials.some(isBad) ? parts.badgeBad : ""}`} role="img" aria-label={`${count(tokens.need)} need somebody`}>{count(tokens.need)}</span>;
}

interface Item {
  path: string;
  title: string;
  icon: ReactNode;
  key: string;
}

function Nav({ items, badge }: { items: readonly Item[]; badge?: (path: string) => ReactNode }) {
  const { pathname } = useLocation();
  return (
    <ul className={styles.nav}>
      {items.map((item) => (
        <li key={item.path}>
          <Link to={item.path} aria-current={pathname.startsWith(item.path) ? "page" : undefined} title={`${item.title} (g ${item.key})`}>
            {item.icon}
            <span>{item.title}</span>
            {badge?.(item.path)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What happened while opening and that a person must know. */
function Notices({ notices }: { notices: readonly string[] }) {
  const [gone, setGone] = useState<readonly string[]>([]);
  const shown = notices.filter((n) => !gone.includes(n));
  if (shown.length === 0) return null;
  return (
    <ul className={styles.notices}>
      {shown.map((notice) => (
        <li key={notice}>
          <Info className="s" />
          <span className="grow selectable">{notice}</span>
          <IconButton tiny label="Dismiss this notice" onPress={() => setGone([...gone, notice])}>
            <X className="x" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
