/** How often something was loaded again, and how the last time went; read by the exporter's own metrics. */
export class ReloadTally {
  success = 0;
  failure = 0;
  /** 1 if the last load succeeded, 0 if it failed and the one before is in force. */
  last: 0 | 1 = 1;
  /** When what is in force was loaded, in microseconds since the epoch. */
  timestampMicros: number;

  constructor(startedMicros: number) {
    this.timestampMicros = startedMicros;
  }

  succeeded(nowMicros: number): void {
    this.success += 1;
    this.last = 1;
    this.timestampMicros = nowMicros;
  }

  failed(): void {
    this.failure += 1;
    this.last = 0;
  }
}
