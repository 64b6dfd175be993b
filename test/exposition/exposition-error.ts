/** What the strict parser refuses, one word a rule. The table of bad expositions in strict-parser.test.ts breaks each of them. */

export const RULES = {
  encoding: "The body is UTF-8, without byte order mark and lone surrogates.",
  control_character: "No control character and no line separator stands in the body, line feeds apart.",
  final_newline: "The last line ends with a line feed.",
  empty_line: "No line is empty.",
  spaces: "Exactly one space stands between two parts of a line, and none at its ends.",
  comment: "A line that starts with # is metadata of the format.",
  eof: "OpenMetrics ends with exactly one # EOF.",
  metric_name: "A metric name is of the classic form.",
  label_name: "A label name is of the classic form and does not start with two underscores.",
  label_syntax: 'Labels are name="value" pairs in braces, joined by single commas.',
  escape: "A backslash is followed by a backslash, an n, or (where quotes are special) a quote.",
  duplicate_label: "A sample names each of its labels once.",
  value: "A value is a number that a double can hold, NaN, +Inf or -Inf.",
  timestamp: "No sample carries a timestamp.",
  type: "A type is one that the format has.",
  duplicate_metadata: "A family has each kind of metadata once.",
  metadata_place: "The metadata of a family stands before its samples, its TYPE among it.",
  contiguous: "All lines of a family stand together.",
  sample_name: "A sample belongs to the family above it, with a suffix that the family's type allows.",
  name_clash: "No family could have samples of the names of another one's.",
  unit: "A unit is the suffix of its family's name.",
  counter_name: "In OpenMetrics the name of a counter's family lacks the _total that its sample has.",
  duplicate_sample: "No two samples have the same name and labels; an empty label is as good as none.",
  series_apart: "All samples of one label set of a family stand together.",
  counter_value: "A counter is neither negative nor NaN; neither are counts and sums.",
  integer_count: "Counts and buckets are integers.",
  bucket_bound: "A bucket has an le, and nothing else has; an le is a canonical float.",
  bucket_order: "The buckets of a histogram stand in ascending order.",
  bucket_cumulative: "No bucket holds less than the one before it.",
  bucket_inf: "The last bucket of a histogram is +Inf and holds its count.",
  histogram_parts: "A histogram has a sum and a count.",
  quantile: "A quantile is a canonical float from 0 to 1, and only summaries have some.",
  info_value: "An info is 1, a state is 0 or 1.",
  exemplar_place: "Exemplars stand in OpenMetrics only, on buckets and totals of counters.",
  exemplar_length: "The label set of an exemplar has at most 128 code points.",
  exemplar_bucket: "The exemplar of a bucket lies within it.",
} as const;
export type Rule = keyof typeof RULES;

/** The first rule that an exposition breaks, and the line, from 1, where it does. */
export class ExpositionError extends Error {
  readonly rule: Rule;
  readonly line: number;

  constructor(rule: Rule, line: number, got: string) {
    super(`line ${line}: ${rule}: ${RULES[rule]} Got ${got}`);
    this.rule = rule;
    this.line = line;
  }
}
