/** `npm run gen`: writes what is printed from the code. `npm run check` fails if it differs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedFiles } from "./generated.ts";

const root = join(import.meta.dirname, "..");
for (const [path, text] of generatedFiles(root)) writeFileSync(join(root, path), text);
