export const SettingsScreen = (_: { app?: unknown }) => null;
