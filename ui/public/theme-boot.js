// Runs before the first paint, so that a dark window never flashes white.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("lanyard.theme") ?? "system";
  } catch {
    // Storage may be shut; the system's choice stands.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
