/**
 * What OpenTelemetry's libraries have to say, as lines of our log. They say the same thing at every failure: what was
 * said once is kept quiet until something has worked again.
 */
import { type DiagLogger, DiagLogLevel } from "@opentelemetry/api";
import type { Log } from "../self/log.ts";

/** Distinct messages remembered; beyond it they are forgotten and may be said again. */
const MESSAGES_MAX = 100;
const MESSAGE_LENGTH_MAX = 500;

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  debug: DiagLogLevel.DEBUG,
  info: DiagLogLevel.INFO,
  warn: DiagLogLevel.WARN,
  error: DiagLogLevel.ERROR,
};

export type DiagLog = {
  readonly logger: DiagLogger;
  readonly level: DiagLogLevel;
  /** Everything may be said again. */
  readonly forget: () => void;
};

export function diagLog(log: Log): DiagLog {
  const said = new Set<string>();
  const sayer =
    (level: "debug" | "info" | "warn" | "error") =>
    (...parts: readonly unknown[]): void => {
      const message = parts.map(textOf).filter(Boolean).join(" ").slice(0, MESSAGE_LENGTH_MAX);
      // Delays and counts differ each time.
      const key = `${level} ${message.replace(/\d+/g, "#")}`;
      if (said.has(key)) return;
      if (said.size >= MESSAGES_MAX) said.clear();
      said.add(key);
      log[level]({ message }, "OpenTelemetry");
    };
  return {
    logger: {
      error: sayer("error"),
      warn: sayer("warn"),
      info: sayer("info"),
      debug: sayer("debug"),
      verbose: sayer("debug"),
    },
    level: LEVELS[log.level] ?? DiagLogLevel.INFO,
    forget: () => said.clear(),
  };
}

/** Objects are whole collections of metrics: only errors have something to say, be it as the JSON that one was made. */
function textOf(part: unknown): string {
  if (part instanceof Error) return part.message;
  if (typeof part !== "string") return typeof part === "object" ? "" : String(part);
  if (!part.startsWith("{")) return part;
  try {
    const { message } = JSON.parse(part) as { message?: unknown };
    return typeof message === "string" ? message : part;
  } catch {
    return part;
  }
}
