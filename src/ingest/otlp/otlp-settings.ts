/** What the configuration says of spans and log records. */
export type OtlpSettings = {
  /** Attributes of a span or its resource that name the pool; the first that is there counts. */
  readonly poolAttributes: readonly string[];
  /** Resource attributes that become tags, and so may be labels. */
  readonly tagAttributes: readonly string[];
};
