/** Sets the theme at once, and keeps the choice in the data folder. */
import { api } from "../ipc";
import { setTheme, type ThemeChoice } from "../theme/theme";

export function chooseTheme(choice: ThemeChoice) {
  setTheme(choice);
  void api.setSetting("theme", choice).catch(() => undefined);
}
