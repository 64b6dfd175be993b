/** Every file, or part of one, that is written from the code: documents, dashboards and rules. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles } from "../grafana/dashboards.ts";
import { ruleFiles } from "../prometheus/rule-files.ts";
import { documents, unusedParts } from "./documents.ts";

/** Folders in which every file is generated. */
const FOLDERS = ["grafana/dashboards", "prometheus/rules"];

/** Path in the repository to the text that it should have. */
export function generatedFiles(root: string): Map<string, string> {
  return new Map([...documents(root), ...dashboardFiles(), ...ruleFiles()]);
}

/** Files that differ from the code, files that nothing writes any more, and parts that no document shows. */
export function generatedFaults(root: string): string[] {
  const wanted = generatedFiles(root);
  const differing = Array.from(wanted.keys()).filter((path) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== wanted.get(path);
  });
  return [
    ...differing.map((path) => `${path} differs from the code: run npm run gen`),
    ...leftOver(root, wanted).map((path) => `${path} is written by nothing: remove it`),
    ...unusedParts(wanted).map((name) => `no document shows the generated part "${name}"`),
  ];
}

function leftOver(root: string, wanted: ReadonlyMap<string, string>): string[] {
  return FOLDERS.flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [],
  ).filter((path) => !wanted.has(path));
}
