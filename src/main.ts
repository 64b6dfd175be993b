/**
 * Where the program begins: compiled code of the last start is used again, which halves the time until the exporter
 * serves. The modules are loaded after that is arranged.
 */
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";

// In a folder of our own: what lies in one that others can write to would be run.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/llm-exporter"));
const folder = getCompileCacheDir();
// Threads learn it from the environment. There is none where it cannot be written or is switched off.
if (folder !== undefined) process.env.NODE_COMPILE_CACHE ??= folder;
await import("./program.ts");
