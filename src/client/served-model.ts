/** The name that a request counts under, where the answer gives another one than was asked for. */

/**
 * Dates and versions that providers add to the name they were asked for: `-2024-08-06`, `-20250929`, `@20250929`,
 * `-0613`, `-09-2025`, `-001`, `@001`, `-v1:0`, `:0`.
 */
const SUFFIX = /^([-@]20\d{2}-?\d{2}-?\d{2}|-\d{4}|-\d{2}-20\d{2}|-0\d{2}|@\d{3})?(-v\d{1,3})?(:\d{1,3})?$/;

/**
 * The asked name if the answer's is that with a date or a version: a call that fails has no answer, and would count
 * under another name than those that succeed. Else the answer's, which is what served.
 */
export function servedModel(asked: unknown, answered: string | undefined): string | undefined {
  if (typeof asked !== "string" || asked === "" || answered === undefined) return answered;
  return answered.startsWith(asked) && SUFFIX.test(answered.slice(asked.length)) ? asked : answered;
}
