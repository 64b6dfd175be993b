/** Instants as Python's `isoformat` writes those of a zone: always six digits of a fraction, and +00:00 for UTC. */

export function isoFormat(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const whole = new Date(seconds * 1e3).toISOString().slice(0, 19);
  return `${whole}.${String(micros - seconds * 1e6).padStart(6, "0")}+00:00`;
}
