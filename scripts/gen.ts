/** `npm run gen`: writes the documents that are printed from the code. `npm run check` fails if they differ. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents } from "./documents.ts";

const root = join(import.meta.dirname, "..");
for (const [path, text] of documents(root)) writeFileSync(join(root, path), text);
