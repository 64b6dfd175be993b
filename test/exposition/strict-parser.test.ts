import { describe, expect, it } from "vitest";
import { ExpositionError, RULES, type Rule } from "./exposition-error.ts";
import { canonicalFloat } from "./family-rules.ts";
import { type ParsedFamily, parseOpenMetrics, parseText } from "./strict-parser.ts";

const GOOD_TEXT = `# HELP req_total Requests \\\\ ended, "quoted",\\nby status.
# TYPE req_total counter
req_total{model="a\\"b\\\\c\\nd",pool=""} 3
req_total{model="{}#,= \u00e9\u4e2d\ud83d\ude00"} 1.5e+3
# TYPE up gauge
up -0.5
# HELP dur_seconds Durations.
# TYPE dur_seconds histogram
dur_seconds_bucket{le="0.5"} 1
dur_seconds_bucket{le="1.0"} 1
dur_seconds_bucket{le="+Inf"} 2
dur_seconds_sum 3.25
dur_seconds_count 2
dur_seconds_bucket{pool="b",le="1e+06"} 0
dur_seconds_bucket{pool="b",le="+Inf"} 0
dur_seconds_sum{pool="b"} 0
dur_seconds_count{pool="b"} 0
# TYPE lag summary
lag{quantile="0.5"} NaN
lag_sum 1
lag_count 2
# TYPE odd untyped
odd{} +Inf
# TYPE empty counter
`;

const GOOD_OPENMETRICS = `# TYPE req counter
# HELP req Requests, \\"quoted\\".
req_total{model="a"} 3 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} 1 1767225600.123456
req_created{model="a"} 1767225600
# TYPE dur_seconds histogram
# UNIT dur_seconds seconds
# HELP dur_seconds Durations.
dur_seconds_bucket{le="0.5"} 1 # {trace_id="x"} 0.5
dur_seconds_bucket{le="1.0"} 1
dur_seconds_bucket{le="+Inf"} 2 # {} 1e9
dur_seconds_sum 3.25
dur_seconds_count 2
# TYPE queue_bytes gaugehistogram
queue_bytes_bucket{le="+Inf"} 2
queue_bytes_gsum -1
queue_bytes_gcount 2
# TYPE build info
build_info{version="1"} 1
# TYPE state stateset
state{state="on"} 1
state{state="off"} 0
# TYPE lag summary
lag{quantile="0.99"} 1
lag_sum 1
lag_count 2
# TYPE odd unknown
odd -Inf
# EOF
`;

describe("a strict parser", () => {
  it("reads a good text exposition", () => {
    expect(brief(parseText(GOOD_TEXT))).toEqual([
      "req_total counter 2",
      "up gauge 1",
      "dur_seconds histogram 9",
      "lag summary 3",
      "odd untyped 1",
      "empty counter 0",
    ]);
    const [requests, up, , , odd] = parseText(new TextEncoder().encode(GOOD_TEXT));
    expect(requests!.help).toBe('Requests \\ ended, "quoted",\nby status.');
    expect(requests!.samples[0]!.labels).toEqual(
      new Map([
        ["model", 'a"b\\c\nd'],
        ["pool", ""],
      ]),
    );
    expect(requests!.samples[1]!.labels.get("model")).toBe("{}#,= \u00e9\u4e2d\ud83d\ude00");
    expect(requests!.samples[1]!.value).toBe(1500);
    expect(up!.samples[0]!.value).toBe(-0.5);
    expect(odd!.samples[0]!.value).toBe(Number.POSITIVE_INFINITY);
  });

  it("reads a good OpenMetrics exposition with units and exemplars", () => {
    const families = parseOpenMetrics(GOOD_OPENMETRICS);
    expect(brief(families)).toEqual([
      "req counter 2",
      "dur_seconds histogram 5",
      "queue_bytes gaugehistogram 3",
      "build info 1",
      "state stateset 2",
      "lag summary 3",
      "odd unknown 1",
    ]);
    expect(families[0]!.help).toBe('Requests, "quoted".');
    expect(families[1]!.unit).toBe("seconds");
    expect(families[0]!.samples[0]!.exemplar).toEqual({
      labels: new Map([
        ["trace_id", "0af7651916cd43dd8448eb211c80319c"],
        ["span_id", "b7ad6b7169203331"],
      ]),
      value: 1,
      timestampSeconds: 1767225600.123456,
    });
    expect(families[1]!.samples[2]!.exemplar).toEqual({
      labels: new Map(),
      value: 1e9,
      timestampSeconds: undefined,
    });
  });

  it("reads an exposition of nothing", () => {
    expect(parseText("")).toEqual([]);
    expect(parseOpenMetrics("# EOF\n")).toEqual([]);
  });

  it.each([
    [0, "0.0"],
    [0.001, "0.001"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e-10, "1e-10"],
    [1.7, "1.7"],
    [10, "10.0"],
    [100_000, "100000.0"],
    [1e6, "1e+06"],
    [1.1e23, "1.1e+23"],
    [-2.5, "-2.5"],
    [Number.POSITIVE_INFINITY, "+Inf"],
  ])("prints %d as the specification's examples do: %s", (value, printed) => {
    expect(canonicalFloat(value)).toBe(printed);
  });
});

type Bad = {
  readonly name: string;
  readonly rule: Rule;
  readonly line: number;
  readonly body: string | Uint8Array;
};

/** A gauge with the given lines. */
const gauge = (...lines: string[]): string => `# TYPE a gauge\n${lines.join("\n")}\n`;
const counter = (...lines: string[]): string => `# TYPE a counter\n${lines.join("\n")}\n`;
const histogram = (...lines: string[]): string => `# TYPE a histogram\n${lines.join("\n")}\n`;
const BUCKETS = ['a_bucket{le="1.0"} 1', 'a_bucket{le="+Inf"} 2'];
const PARTS = ["a_sum 3", "a_count 2"];
const bytes = (...codes: number[]): Uint8Array => Uint8Array.from(codes);
const around = (before: string, middle: Uint8Array, after: string): Uint8Array =>
  Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]);

/** Bad in both formats; for OpenMetrics the end is added. */
const BAD_IN_BOTH: readonly Bad[] = [
  {
    name: "a byte that is not UTF-8",
    rule: "encoding",
    line: 1,
    body: around('# TYPE a gauge\na{b="', bytes(0xff), '"} 1\n'),
  },
  {
    name: "an overlong NUL",
    rule: "encoding",
    line: 1,
    body: around('# TYPE a gauge\na{b="', bytes(0xc0, 0x80), '"} 1\n'),
  },
  {
    name: "a surrogate in UTF-8",
    rule: "encoding",
    line: 1,
    body: around('# TYPE a gauge\na{b="', bytes(0xed, 0xa0, 0x80), '"} 1\n'),
  },
  { name: "a byte order mark", rule: "encoding", line: 1, body: `\ufeff${gauge("a 1")}` },
  {
    name: "a byte order mark in bytes",
    rule: "encoding",
    line: 1,
    body: around("", bytes(0xef, 0xbb, 0xbf), gauge("a 1")),
  },
  { name: "a lone surrogate in a string", rule: "encoding", line: 2, body: gauge('a{b="\ud800"} 1') },
  { name: "a NUL in a label value", rule: "control_character", line: 2, body: gauge('a{b="\u0000"} 1') },
  {
    name: "a carriage return at the end of a line",
    rule: "control_character",
    line: 2,
    body: gauge("a 1\r"),
  },
  { name: "a tab between name and value", rule: "control_character", line: 2, body: gauge("a\t1") },
  {
    name: "a C1 control in help",
    rule: "control_character",
    line: 1,
    body: `# HELP a \u0085x\n${gauge("a 1")}`,
  },
  {
    name: "a line separator in a label value",
    rule: "control_character",
    line: 2,
    body: gauge('a{b="\u2028"} 1'),
  },
  { name: "an empty line", rule: "empty_line", line: 2, body: gauge("", "a 1") },
  { name: "an empty line at the end", rule: "empty_line", line: 3, body: gauge("a 1", "") },
  { name: "a space at the end of a sample", rule: "spaces", line: 2, body: gauge("a 1 ") },
  { name: "a space at the start of a sample", rule: "spaces", line: 2, body: gauge(" a 1") },
  { name: "two spaces before the value", rule: "spaces", line: 2, body: gauge("a  1") },
  { name: "no space before the value", rule: "spaces", line: 2, body: gauge('a{b="c"}1') },
  { name: "no value", rule: "spaces", line: 2, body: gauge("a") },
  { name: "two spaces before the help", rule: "spaces", line: 1, body: `# HELP a  x\n${gauge("a 1")}` },
  { name: "a free comment", rule: "comment", line: 2, body: gauge("# hello", "a 1") },
  { name: "a hash without its space", rule: "comment", line: 1, body: "#TYPE a gauge\na 1\n" },
  { name: "a keyword in lower case", rule: "comment", line: 1, body: "# type a gauge\na 1\n" },
  { name: "metadata without text", rule: "comment", line: 1, body: "# TYPE a\na 1\n" },
  { name: "a metric name with a leading digit", rule: "metric_name", line: 2, body: gauge("1a 1") },
  { name: "a metric name with a dash", rule: "spaces", line: 2, body: gauge("a-b 1") },
  { name: "a quoted metric name", rule: "metric_name", line: 2, body: gauge('{"a.b"} 1') },
  { name: "a TYPE of a name with a dot", rule: "metric_name", line: 1, body: "# TYPE a.b gauge\n" },
  { name: "a label name with a leading digit", rule: "label_name", line: 2, body: gauge('a{1b="c"} 1') },
  { name: "a label name with a dot", rule: "label_syntax", line: 2, body: gauge('a{b.c="d"} 1') },
  { name: "a quoted label name", rule: "label_name", line: 2, body: gauge('a{"b.c"="d"} 1') },
  { name: "a reserved label name", rule: "label_name", line: 2, body: gauge('a{__name__="c"} 1') },
  { name: "an empty label name", rule: "label_name", line: 2, body: gauge('a{="c"} 1') },
  { name: "a comma before the closing brace", rule: "label_syntax", line: 2, body: gauge('a{b="c",} 1') },
  { name: "two commas", rule: "label_name", line: 2, body: gauge('a{b="c",,d="e"} 1') },
  { name: "a space behind a comma", rule: "label_name", line: 2, body: gauge('a{b="c", d="e"} 1') },
  { name: "no comma between labels", rule: "label_syntax", line: 2, body: gauge('a{b="c"d="e"} 1') },
  { name: "a label value without quotes", rule: "label_syntax", line: 2, body: gauge("a{b=c} 1") },
  { name: "a label value in single quotes", rule: "label_syntax", line: 2, body: gauge("a{b='c'} 1") },
  { name: "an open label value", rule: "label_syntax", line: 2, body: gauge('a{b="c 1') },
  { name: "open braces", rule: "label_syntax", line: 2, body: gauge('a{b="c" 1') },
  { name: "a line feed in a label value", rule: "label_syntax", line: 2, body: gauge('a{b="c\nd"} 1') },
  { name: "a quote in a label value", rule: "label_syntax", line: 2, body: gauge('a{b="c"d"} 1') },
  { name: "a tab escape", rule: "escape", line: 2, body: gauge('a{b="\\t"} 1') },
  { name: "a hexadecimal escape", rule: "escape", line: 2, body: gauge('a{b="\\x41"} 1') },
  { name: "a backslash at the end of the line", rule: "escape", line: 2, body: gauge('a{b="c\\') },
  { name: "a bad escape in help", rule: "escape", line: 1, body: `# HELP a \\t\n${gauge("a 1")}` },
  { name: "a backslash at the end of help", rule: "escape", line: 1, body: `# HELP a x\\\n${gauge("a 1")}` },
  { name: "a label twice", rule: "duplicate_label", line: 2, body: gauge('a{b="c",b="d"} 1') },
  { name: "a word as value", rule: "value", line: 2, body: gauge("a one") },
  { name: "a number with a unit", rule: "value", line: 2, body: gauge("a 1s") },
  { name: "a hexadecimal number", rule: "value", line: 2, body: gauge("a 0x10") },
  { name: "a number with underscores", rule: "value", line: 2, body: gauge("a 1_000") },
  { name: "a number beyond a double", rule: "value", line: 2, body: gauge("a 1e999") },
  { name: "JavaScript's infinity", rule: "value", line: 2, body: gauge("a Infinity") },
  { name: "a bigint", rule: "value", line: 2, body: gauge("a 1n") },
  { name: "undefined as value", rule: "value", line: 2, body: gauge("a undefined") },
  { name: "a timestamp", rule: "timestamp", line: 2, body: gauge("a 1 1767225600") },
  { name: "an unknown type", rule: "type", line: 1, body: "# TYPE a meter\n" },
  { name: "a type with a capital", rule: "type", line: 1, body: "# TYPE a Gauge\n" },
  { name: "TYPE twice", rule: "duplicate_metadata", line: 2, body: gauge("# TYPE a gauge", "a 1") },
  {
    name: "HELP twice",
    rule: "duplicate_metadata",
    line: 2,
    body: "# HELP a x\n# HELP a x\n# TYPE a gauge\n",
  },
  { name: "HELP behind a sample", rule: "metadata_place", line: 3, body: gauge("a 1", "# HELP a x") },
  {
    name: "TYPE behind a sample",
    rule: "metadata_place",
    line: 2,
    body: "# HELP a x\na 1\n# TYPE a gauge\n",
  },
  { name: "HELP without TYPE", rule: "metadata_place", line: 1, body: "# HELP a x\n# TYPE b gauge\n" },
  {
    name: "a sample of a family that was left",
    rule: "contiguous",
    line: 5,
    body: gauge("a 1", "# TYPE b gauge", "b 1", 'a{c="d"} 1'),
  },
  {
    name: "HELP of a family that was left",
    rule: "contiguous",
    line: 3,
    body: gauge("# TYPE b gauge", "# HELP a x"),
  },
  {
    name: "a family twice",
    rule: "contiguous",
    line: 4,
    body: gauge("a 1", "# TYPE b gauge", "# TYPE a gauge", 'a{c="d"} 1'),
  },
  { name: "a sample of no family", rule: "sample_name", line: 1, body: "a 1\n" },
  { name: "a sample of another name", rule: "sample_name", line: 2, body: gauge("ab 1") },
  { name: "a gauge with a sum", rule: "sample_name", line: 2, body: gauge("a_sum 1") },
  { name: "a histogram without suffix", rule: "sample_name", line: 2, body: histogram("a 1") },
  {
    name: "a gauge of the name of a histogram's count",
    rule: "name_clash",
    line: 2,
    body: histogram("# TYPE a_count gauge"),
  },
  {
    name: "a histogram whose sum is a gauge above",
    rule: "name_clash",
    line: 2,
    body: "# TYPE a_sum gauge\n# TYPE a histogram\n",
  },
  { name: "a sample twice", rule: "duplicate_sample", line: 3, body: gauge('a{b="c"} 1', 'a{b="c"} 2') },
  {
    name: "a sample twice with labels in another order",
    rule: "duplicate_sample",
    line: 3,
    body: gauge('a{b="c",d="e"} 1', 'a{d="e",b="c"} 1'),
  },
  {
    name: "a sample twice, once with an empty label",
    rule: "duplicate_sample",
    line: 3,
    body: gauge("a 1", 'a{b=""} 1'),
  },
  {
    name: "a sample twice, once escaped needlessly alike",
    rule: "duplicate_sample",
    line: 3,
    body: gauge('a{b="\\\\n"} 1', 'a{b="\\\\n"} 1'),
  },
  {
    name: "a bucket twice",
    rule: "duplicate_sample",
    line: 3,
    body: histogram(BUCKETS[0]!, BUCKETS[0]!, BUCKETS[1]!, ...PARTS),
  },
  {
    name: "a histogram in two places",
    rule: "series_apart",
    line: 9,
    body: histogram(
      ...BUCKETS,
      ...PARTS,
      'a_bucket{b="c",le="+Inf"} 0',
      'a_sum{b="c"} 0',
      'a_count{b="c"} 0',
      'a_bucket{le="2.0"} 1',
    ),
  },
  {
    name: "a negative bucket",
    rule: "counter_value",
    line: 2,
    body: histogram('a_bucket{le="1.0"} -1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "a sum that is NaN",
    rule: "counter_value",
    line: 4,
    body: histogram(...BUCKETS, "a_sum NaN", "a_count 2"),
  },
  {
    name: "a negative count of a summary",
    rule: "counter_value",
    line: 2,
    body: "# TYPE a summary\na_count -1\n",
  },
  {
    name: "half an observation",
    rule: "integer_count",
    line: 2,
    body: histogram('a_bucket{le="1.0"} 0.5', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "a count of a half",
    rule: "integer_count",
    line: 5,
    body: histogram(...BUCKETS, "a_sum 3", "a_count 2.5"),
  },
  {
    name: "a bucket without le",
    rule: "bucket_bound",
    line: 2,
    body: histogram("a_bucket 1", BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le as an integer",
    rule: "bucket_bound",
    line: 2,
    body: histogram('a_bucket{le="1"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le with a trailing zero",
    rule: "bucket_bound",
    line: 2,
    body: histogram('a_bucket{le="1.50"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le as a long million",
    rule: "bucket_bound",
    line: 2,
    body: histogram('a_bucket{le="1000000.0"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le as a short exponent",
    rule: "bucket_bound",
    line: 2,
    body: histogram('a_bucket{le="1e-7"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le as Infinity",
    rule: "bucket_bound",
    line: 3,
    body: histogram(BUCKETS[0]!, 'a_bucket{le="Inf"} 2', ...PARTS),
  },
  {
    name: "le that is NaN",
    rule: "bucket_bound",
    line: 2,
    body: histogram('a_bucket{le="NaN"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "le on a sum",
    rule: "bucket_bound",
    line: 4,
    body: histogram(...BUCKETS, 'a_sum{le="1.0"} 3', "a_count 2"),
  },
  {
    name: "buckets in descending order",
    rule: "bucket_order",
    line: 3,
    body: histogram('a_bucket{le="2.0"} 1', 'a_bucket{le="1.0"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "buckets in the order of their text",
    rule: "bucket_order",
    line: 3,
    body: histogram('a_bucket{le="10.0"} 1', 'a_bucket{le="2.5"} 1', BUCKETS[1]!, ...PARTS),
  },
  {
    name: "buckets that are not cumulative",
    rule: "bucket_cumulative",
    line: 3,
    body: histogram('a_bucket{le="1.0"} 2', 'a_bucket{le="+Inf"} 1', "a_sum 3", "a_count 3"),
  },
  {
    name: "no +Inf bucket",
    rule: "bucket_inf",
    line: 2,
    body: histogram(BUCKETS[0]!, "a_sum 1", "a_count 1"),
  },
  { name: "no bucket at all", rule: "bucket_inf", line: 2, body: histogram(...PARTS) },
  {
    name: "a +Inf bucket that is not the count",
    rule: "bucket_inf",
    line: 5,
    body: histogram(...BUCKETS, "a_sum 3", "a_count 3"),
  },
  { name: "no count", rule: "histogram_parts", line: 2, body: histogram(...BUCKETS, "a_sum 3") },
  { name: "no sum", rule: "histogram_parts", line: 2, body: histogram(...BUCKETS, "a_count 2") },
  { name: "a summary without quantile", rule: "quantile", line: 2, body: "# TYPE a summary\na 1\n" },
  { name: "a quantile above 1", rule: "quantile", line: 2, body: '# TYPE a summary\na{quantile="99.0"} 1\n' },
  {
    name: "a quantile as an integer",
    rule: "quantile",
    line: 2,
    body: '# TYPE a summary\na{quantile="1"} 1\n',
  },
];

const BAD_TEXT: readonly Bad[] = [
  { name: "no final line feed", rule: "final_newline", line: 2, body: "# TYPE a gauge\na 1" },
  { name: "an end of OpenMetrics", rule: "comment", line: 3, body: gauge("a 1", "# EOF") },
  { name: "a unit", rule: "comment", line: 2, body: "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n" },
  { name: "an exemplar", rule: "exemplar_place", line: 2, body: counter('a 1 # {trace_id="x"} 1') },
  { name: "a type of OpenMetrics", rule: "type", line: 1, body: "# TYPE a unknown\n" },
  { name: "a negative counter", rule: "counter_value", line: 2, body: counter("a -1") },
  { name: "a counter that is NaN", rule: "counter_value", line: 2, body: counter("a NaN") },
  { name: "an escaped quote in help", rule: "escape", line: 1, body: `# HELP a \\"x\\"\n${gauge("a 1")}` },
];

const BAD_OPENMETRICS: readonly Bad[] = [
  { name: "no end", rule: "eof", line: 2, body: gauge("a 1") },
  { name: "nothing", rule: "eof", line: 0, body: "" },
  { name: "an end without final line feed", rule: "final_newline", line: 3, body: `${gauge("a 1")}# EOF` },
  { name: "a sample behind the end", rule: "eof", line: 3, body: "# TYPE a gauge\n# EOF\na 1\n" },
  { name: "an empty line behind the end", rule: "eof", line: 2, body: "# EOF\n\n" },
  { name: "two ends", rule: "eof", line: 2, body: "# EOF\n# EOF\n" },
  { name: "an end with a space", rule: "eof", line: 1, body: "# EOF \n" },
  {
    name: "a unit that is not the suffix of the name",
    rule: "unit",
    line: 1,
    body: "# TYPE a_bytes gauge\n# UNIT a_bytes seconds\n# EOF\n",
  },
  {
    name: "a unit that is the whole name",
    rule: "unit",
    line: 1,
    body: "# TYPE seconds gauge\n# UNIT seconds seconds\n# EOF\n",
  },
  {
    name: "a unit of an info",
    rule: "unit",
    line: 1,
    body: "# TYPE a_seconds info\n# UNIT a_seconds seconds\n# EOF\n",
  },
  {
    name: "a unit of a counter's sample",
    rule: "name_clash",
    line: 2,
    body: "# TYPE a_seconds counter\n# UNIT a_seconds_total seconds\n# EOF\n",
  },
  {
    name: "UNIT twice",
    rule: "duplicate_metadata",
    line: 3,
    body: "# TYPE a_s gauge\n# UNIT a_s s\n# UNIT a_s s\n# EOF\n",
  },
  { name: "a bare quote in help", rule: "escape", line: 1, body: `# HELP a "x"\n${gauge("a 1")}# EOF\n` },
  { name: "a counter without _total", rule: "sample_name", line: 2, body: `${counter("a 1")}# EOF\n` },
  {
    name: "a counter's family with _total",
    rule: "counter_name",
    line: 1,
    body: "# TYPE a_total counter\na_total 1\n# EOF\n",
  },
  {
    name: "a gauge of the name of a counter's total",
    rule: "name_clash",
    line: 2,
    body: `${counter("# TYPE a_total gauge")}# EOF\n`,
  },
  { name: "a negative counter", rule: "counter_value", line: 2, body: `${counter("a_total -1")}# EOF\n` },
  { name: "a counter that is NaN", rule: "counter_value", line: 2, body: `${counter("a_total NaN")}# EOF\n` },
  { name: "a type of the text format", rule: "type", line: 1, body: "# TYPE a untyped\n# EOF\n" },
  {
    name: "an exemplar on a gauge",
    rule: "exemplar_place",
    line: 2,
    body: `${gauge('a 1 # {trace_id="x"} 1')}# EOF\n`,
  },
  {
    name: "an exemplar on a sum",
    rule: "exemplar_place",
    line: 4,
    body: `${histogram(...BUCKETS, 'a_sum 3 # {trace_id="x"} 1')}# EOF\n`,
  },
  {
    name: "an exemplar on a created",
    rule: "exemplar_place",
    line: 2,
    body: `${counter('a_created 1 # {trace_id="x"} 1')}# EOF\n`,
  },
  {
    name: "an exemplar of 129 code points",
    rule: "exemplar_length",
    line: 2,
    body: `${counter(`a_total 1 # {id="${"x".repeat(127)}"} 1`)}# EOF\n`,
  },
  {
    name: "an exemplar without labels",
    rule: "label_syntax",
    line: 2,
    body: `${counter("a_total 1 # 1")}# EOF\n`,
  },
  {
    name: "an exemplar without value",
    rule: "spaces",
    line: 2,
    body: `${counter('a_total 1 # {id="x"}')}# EOF\n`,
  },
  {
    name: "an exemplar that is NaN",
    rule: "value",
    line: 2,
    body: `${counter('a_total 1 # {id="x"} NaN')}# EOF\n`,
  },
  {
    name: "an exemplar of infinite age",
    rule: "value",
    line: 2,
    body: `${counter('a_total 1 # {id="x"} 1 -Inf')}# EOF\n`,
  },
  {
    name: "two exemplars",
    rule: "value",
    line: 2,
    body: `${counter('a_total 1 # {id="x"} 1 # {id="y"} 1')}# EOF\n`,
  },
  {
    name: "something behind an exemplar",
    rule: "spaces",
    line: 2,
    body: `${counter('a_total 1 # {id="x"} 1 2 3')}# EOF\n`,
  },
  {
    name: "an exemplar's label twice",
    rule: "duplicate_label",
    line: 2,
    body: `${counter('a_total 1 # {id="x",id="y"} 1')}# EOF\n`,
  },
  {
    name: "an exemplar above its bucket",
    rule: "exemplar_bucket",
    line: 2,
    body: `${histogram('a_bucket{le="1.0"} 1 # {id="x"} 1.5', BUCKETS[1]!, ...PARTS)}# EOF\n`,
  },
  {
    name: "an exemplar below its bucket",
    rule: "exemplar_bucket",
    line: 3,
    body: `${histogram(BUCKETS[0]!, 'a_bucket{le="+Inf"} 2 # {id="x"} 1', ...PARTS)}# EOF\n`,
  },
  { name: "an info of 2", rule: "info_value", line: 2, body: "# TYPE a info\na_info 2\n# EOF\n" },
  { name: "a state of 2", rule: "info_value", line: 2, body: '# TYPE a stateset\na{a="on"} 2\n# EOF\n' },
  {
    name: "a state without name",
    rule: "info_value",
    line: 2,
    body: '# TYPE a stateset\na{b="on"} 1\n# EOF\n',
  },
];

describe("the text parser refuses", () => {
  it.each([...BAD_IN_BOTH, ...BAD_TEXT])("$name", ({ body, rule, line }) => {
    expect(ruleBroken(() => parseText(body))).toBe(`line ${line}: ${rule}`);
  });
});

describe("the OpenMetrics parser refuses", () => {
  const inBoth = BAD_IN_BOTH.map((bad) => ({
    ...bad,
    body: Buffer.concat([asBytes(bad.body), Buffer.from("# EOF\n")]),
  }))
    // A byte-wise body cannot hold a lone surrogate.
    .map((bad, index) =>
      bad.name.startsWith("a lone surrogate") ? { ...bad, body: `${BAD_IN_BOTH[index]!.body}# EOF\n` } : bad,
    );
  it.each([...inBoth, ...BAD_OPENMETRICS])("$name", ({ body, rule, line }) => {
    expect(ruleBroken(() => parseOpenMetrics(body))).toBe(`line ${line}: ${rule}`);
  });
});

it("each rule is broken by an example", () => {
  const broken = new Set([...BAD_IN_BOTH, ...BAD_TEXT, ...BAD_OPENMETRICS].map(({ rule }) => rule));
  expect(Object.keys(RULES).filter((rule) => !broken.has(rule as Rule))).toEqual([]);
});

it("an error names the line, the rule and what was found", () => {
  expect(() => parseText(gauge("a 1 "))).toThrow(/^line 2: spaces: .*none at its ends\. Got "a 1 "$/);
});

function brief(families: readonly ParsedFamily[]): string[] {
  return families.map(({ name, type, samples }) => `${name} ${type} ${samples.length}`);
}

function ruleBroken(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof ExpositionError) return `line ${error.line}: ${error.rule}`;
    throw error;
  }
  return "none";
}

function asBytes(body: string | Uint8Array): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
}
