import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { notifyManager } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { HashRouter } from "react-router";
import { App } from "./app/App";
import { fetchScreen } from "./app/screens";
import { makeQueryClient } from "./ipc/queries";

// An answer is drawn when it comes, and not a timer's turn later.
notifyManager.setScheduler(queueMicrotask);
// The engine opens the folder meanwhile.
fetchScreen(window.location.hash.slice(1).split("?")[0] ?? "");
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <HashRouter>
        <App client={makeQueryClient()} />
      </HashRouter>
    </StrictMode>,
  );
}
