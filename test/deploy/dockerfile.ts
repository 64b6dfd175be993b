/** A Dockerfile taken apart into its instructions, for tests. */

export type Instruction = {
  readonly word: string;
  /** `--from=packages` and the like. */
  readonly flags: readonly string[];
  /** What follows, continuation lines joined. */
  readonly rest: string;
};

export function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("#"))
    .join("\n")
    .replace(/\\\n\s*/g, "");
  return lines.split("\n").map((line) => {
    const [, word, flags, rest] = /^(\S+)((?:\s+--\S+)*)\s*(.*)$/s.exec(line)!;
    return { word: word!.toUpperCase(), flags: flags!.trim().split(/\s+/).filter(Boolean), rest: rest! };
  });
}

/** The instructions of the last stage, which is the image. */
export function lastStage(instructions: readonly Instruction[]): Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ word }) => word === "FROM"));
}

export function lastOf(instructions: readonly Instruction[], word: string): string | undefined {
  return instructions.findLast((instruction) => instruction.word === word)?.rest;
}

/** Variables that ENV sets. */
export function environmentOf(instructions: readonly Instruction[]): Map<string, string> {
  return new Map(
    instructions
      .filter(({ word }) => word === "ENV")
      .flatMap(({ rest }) => rest.split(/\s+/).map((pair) => pair.split("=", 2) as [string, string])),
  );
}
