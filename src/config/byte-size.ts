/** Sizes as people write them in configuration files. */

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Bytes of a size such as `512KiB` or `10MB`; `undefined` if it is none. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+)\s*(B|kB|MB|GB|KiB|MiB|GiB)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_BYTES[match[2]!]!;
}
