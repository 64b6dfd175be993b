/** Pieces of the texts of alerts: templates that Prometheus fills in, and thresholds as they are read. */

/** The value of the alert's expression. */
export const PERCENTAGE = "{{ $value | humanizePercentage }}";
export const COUNT = '{{ $value | printf "%.0f" }}';
export const USD = 'USD {{ $value | printf "%.2f" }}';

/** A part as people write it: 0.07 is `7%`, though 0.07 * 100 is 7.000000000000001. */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(6))}%`;
}
