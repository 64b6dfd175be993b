/** The examples of a document as a case: what is loaded, and each question with its answer. */
import type { Step } from "./case-file.ts";

const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** Blocks of `case` hold events, those of `http` a request; the block of `json` after it is the answer, or a part of it. */
export function docsCase(markdown: string): readonly Step[] {
  const steps: Step[] = [];
  let asked: string | undefined;
  for (const match of markdown.matchAll(FENCE)) {
    const [, language, text] = match as unknown as readonly [string, string, string];
    const line = markdown.slice(0, match.index).split("\n").length;
    if (language === "case") steps.push({ line, kind: "load", events: text.trim().split("\n") });
    if (language === "json" && asked !== undefined)
      steps.push({ line, kind: "query", path: asked, answer: text });
    asked = language === "http" ? text.trim().replace(/^GET /, "") : undefined;
  }
  return steps;
}
