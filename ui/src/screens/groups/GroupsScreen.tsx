export const GroupsScreen = (_: { app?: unknown }) => null;
