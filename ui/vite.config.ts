/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The door to the engine is chosen when building: Tauri in the product, an in-memory one for tests and `dev:fake`.
export default defineConfig(({ mode }) => {
  const fake = mode === "fake" || mode === "test";
  return {
    plugins: [react()],
    resolve: { alias: { "#transport": at(fake ? "./src/ipc/fake/transport.ts" : "./src/ipc/tauri.ts") } },
    clearScreen: false,
    server: { port: 1420, strictPort: true, host: "127.0.0.1" },
    preview: { port: 1421, host: "127.0.0.1" },
    build: {
      target: ["es2022", "safari16"],
      outDir: "dist",
      // The CSP takes fonts from the app itself only: none as data.
      assetsInlineLimit: 0,
      // The largest file is the app itself, read from disk: size in itself is no fault.
      chunkSizeWarningLimit: 1200,
      reportCompressedSize: false,
    },
    css: { modules: { localsConvention: "camelCaseOnly" as const } },
    test: {
      environment: "jsdom",
      setupFiles: ["./src/test/setup.ts"],
      include: ["src/**/*.test.{ts,tsx}"],
      css: { modules: { classNameStrategy: "non-scoped" as const } },
      testTimeout: 40_000,
      // Two cores are shared with the engine's builds.
      maxWorkers: 2,
    },
  };
});
