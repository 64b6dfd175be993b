/** The exporter's log: constant messages with fields, as JSON or logfmt lines on standard error. */
import { type Logger, pino } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error" | "level">;

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["logfmt", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogOptions = {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one line with its end. */
  readonly write: (line: string) => void;
};

export function createLog({ level, format, write }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write: format === "json" ? write : (line) => write(logfmt(line)) });
}

function logfmt(line: string): string {
  const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries({ ts, level, msg, ...fields });
  return `${pairs.map(([name, value]) => `${name}=${quoted(value)}`).join(" ")}\n`;
}

function quoted(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const { message } = value as { message?: unknown };
    return quoted(typeof message === "string" ? message : JSON.stringify(value));
  }
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
