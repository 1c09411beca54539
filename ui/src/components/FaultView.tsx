/** An error in three answers: what happened, what it means, what to do next; the details fold out. */
import { ChevronRight, CircleAlert, Copy } from "lucide-react";
import { Component, useState, type ErrorInfo, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, toFault, type Fault, type FixAction } from "../ipc";
import { Button, copyText } from "./controls";
import styles from "./FaultView.module.css";

const BUTTON: Record<FixAction["kind"], string> = {
  retry: "Try again",
  editSource: "Open its settings",
  syncSource: "Sync it",
  addSource: "Connect a system",
  openDataFolder: "Open another data folder",
};

interface Props {
  error: unknown;
  onRetry?: () => void;
  /** In a line of a panel rather than a screen of its own. */
  compact?: boolean;
}

export function FaultView({ error, onRetry, compact = false }: Props) {
  const fault = toFault(error);
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);

  const act = (action: FixAction) => {
    switch (action.kind) {
      case "retry":
        onRetry?.();
        return;
      case "editSource":
        void navigate(`/sources/${action.source}/edit`);
        return;
      case "syncSource":
        void api.startSync([action.source]);
        return;
      case "addSource":
        void navigate("/sources/new");
        return;
      case "openDataFolder":
        void navigate("/settings?open=folder");
    }
  };
  const action = fault.action !== null && (fault.action.kind !== "retry" || onRetry) ? fault.action : null;

  return (
    <div className={`${styles.fault} ${compact ? styles.compact : ""}`} role="alert" data-testid="fault" data-code={fault.code}>
      <CircleAlert className={styles.icon} />
      <div className={styles.body}>
        <p className={styles.what}>{fault.what}</p>
        <p className="t2">{fault.means}</p>
        <p className="t2">{fault.next}</p>
        <div className={styles.acts}>
          {action && (
            <Button small={compact} onPress={() => act(action)}>
              {BUTTON[action.kind]}
            </Button>
          )}
          {fault.details.length > 0 && (
            <button type="button" className={styles.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
              <ChevronRight className="x" />
              Details
            </button>
          )}
        </div>
        {open && (
          <div className={styles.details}>
            <dl>
              {fault.details.map((line) => (
                <div key={line.name}>
                  <dt>{line.name}</dt>
                  <dd>{line.value}</dd>
                </div>
              ))}
              <div>
                <dt>Code</dt>
                <dd>{fault.code}</dd>
              </div>
            </dl>
            <Button small variant="quiet" icon={<Copy className="x" />} onPress={() => void copyText(asText(fault)).then(setCopied)}>
              {copied ? "Copied" : "Copy details"}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** A fault as text for a report. */
export const asText = (fault: Fault): string =>
  [`${fault.what} (${fault.code})`, fault.means, fault.next, ...fault.details.map((d) => `${d.name}: ${d.value}`)].join("\n");

/** Catches what a screen throws, so that the rest of the window stays. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey?: string }, { error: unknown; at: string | undefined }> {
  override state: { error: unknown; at: string | undefined } = { error: undefined, at: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: { resetKey?: string }, state: { error: unknown; at: string | undefined }) {
    return props.resetKey === state.at ? null : { error: undefined, at: props.resetKey };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    // Only to the web view's own console, for whoever looks into it.
    // eslint-disable-next-line no-console
    console.error(error.message, info.componentStack);
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className={styles.page}>
        <FaultView error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
      </div>
    );
  }
}
