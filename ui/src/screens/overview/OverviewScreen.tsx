export const OverviewScreen = (_: { app?: unknown }) => null;
