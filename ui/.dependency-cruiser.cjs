// The walls of the window's house: who may import whom.
/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "only-ipc-talks-to-tauri",
      comment: "Everything else goes through src/ipc/index.ts.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/ipc/" },
      to: { path: "(^|node_modules/)@tauri-apps/" },
    },
    {
      name: "only-ipc-reads-generated-types",
      comment: "Types are handed on by src/ipc/index.ts.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/ipc/", "^src/test/", "\\.test\\.tsx?$"] },
      to: { path: "^src/ipc/(types|tauri|fake)" },
    },
    {
      name: "screens-never-import-each-other",
      severity: "error",
      from: { path: "^src/screens/([^/]+)/" },
      to: { path: "^src/screens/", pathNot: "^src/screens/$1/" },
    },
    {
      name: "screens-know-no-app",
      comment: "A screen imports ipc, components and theme.",
      severity: "error",
      from: { path: "^src/screens/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^src/app/" },
    },
    {
      name: "components-know-no-screens",
      severity: "error",
      from: { path: "^src/(components|theme|ipc)/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^src/(screens|app)/" },
    },
    {
      name: "ipc-knows-no-looks",
      severity: "error",
      from: { path: "^src/ipc/" },
      to: { path: "^src/(components|theme)/" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, viaOnly: { pathNot: "^src/ipc/types/" } } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "default"] },
  },
};
