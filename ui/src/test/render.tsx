/** Puts the whole window, or a part of it, on a page for tests. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect, type ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { App } from "../app/App";
import { makeQueryClient } from "../ipc/queries";

let where = "";
const Where = () => {
  const location = useLocation();
  useEffect(() => {
    where = location.pathname + location.search;
  });
  return null;
};

/** The address that is shown. */
export const address = () => where;

export function renderWindow(path: string) {
  const client = makeQueryClient();
  const user = userEvent.setup({ delay: null });
  const view = render(
    <MemoryRouter initialEntries={[path]}>
      <App client={client} />
      <Where />
    </MemoryRouter>,
  );
  return { client, user, ...view };
}

export function renderPart(part: ReactNode, path = "/") {
  const client = makeQueryClient();
  const user = userEvent.setup({ delay: null });
  const view = render(
    <MemoryRouter initialEntries={[path]}>
      <QueryClientProvider client={client}>
        {part}
        <Where />
      </QueryClientProvider>
    </MemoryRouter>,
  );
  return { client, user, ...view };
}
