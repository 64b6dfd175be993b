/**
 * The compact form of a cell, for keeping it: only slots and buckets in use, as varints. A cell of a handful of events
 * takes some fifty bytes. Exemplars are not kept: they point into traces that live elsewhere and pass.
 */
import { type Cell, carryAll, exponential, zeroCell } from "./cell.ts";
import { type CellLayout, SLOT, SUMS_LAYOUT } from "./cell-layout.ts";
import { CELL_VERSION, EncodedMerge } from "./encoded-merge.ts";
import { ExponentialHistogram } from "./exponential-histogram.ts";
import { unzigzag, VARINT_REST, VarintBytes, Varints, zigzag } from "./varints.ts";

const NO_BUCKETS = new ExponentialHistogram();
const NO_EVENTS = encodeCell(zeroCell(SUMS_LAYOUT), SUMS_LAYOUT);

export function encodeCell(cell: Cell, layout: CellLayout): Uint8Array {
  const { values, base, exponentials } = cell;
  const bytes = new VarintBytes();
  bytes.push(CELL_VERSION);
  let used = 0;
  for (let slot = 0; slot < layout.size; slot++) if (values[base + slot] !== 0) used += 1;
  bytes.push(used);
  let previous = 0;
  for (let slot = 0; slot < layout.size; slot++) {
    const value = values[base + slot]!;
    if (value === 0) continue;
    bytes.push(zigzag(slot - previous));
    bytes.push(value);
    previous = slot;
  }
  for (const histogram of exponentials) pushHistogram(bytes, histogram);
  return bytes.taken();
}

/** Pairs with ascending keys: how many, then the first key and its value, then differences and values. */
function pushHistogram(bytes: VarintBytes, histogram: ExponentialHistogram | undefined): void {
  bytes.push(histogram?.zeroCount ?? 0);
  const { counts, offset } = histogram ?? NO_BUCKETS;
  let used = 0;
  for (const count of counts) if (count !== 0) used += 1;
  bytes.push(used);
  let previous = 0;
  for (let position = 0; position < counts.length; position++) {
    const count = counts[position]!;
    if (count === 0) continue;
    bytes.push(zigzag(offset + position - previous));
    bytes.push(count);
    previous = offset + position;
  }
}

/** The cell that was encoded under a layout of the same fingerprint. Throws a RangeError for bytes that are none. */
export function decodeCell(bytes: Uint8Array, layout: CellLayout): Cell {
  const numbers = new Varints(bytes);
  const next = () => numbers.next();
  if (next() !== CELL_VERSION) throw new RangeError("a cell is of an unknown version");
  const cell = zeroCell(layout);
  readPairs(next, (slot, value) => {
    if (slot < 0 || slot >= layout.size) throw new RangeError("a cell has a slot beyond its layout");
    cell.values[slot] = value;
  });
  for (let position = 0; position < cell.exponentials.length; position++) {
    const histogram = new ExponentialHistogram();
    histogram.zeroCount = next();
    readPairs(next, (index, count) => histogram.add(index, count));
    if (histogram.counts.length > 0 || histogram.zeroCount > 0) cell.exponentials[position] = histogram;
  }
  if (!numbers.isAtEnd) throw new RangeError("a cell has bytes to spare");
  return cell;
}

/**
 * Adds an encoded cell, of any layout that `hasSums`, to a cell of SUMS_LAYOUT. Throws a RangeError for bytes that are no
 * cell; then `into` has a part of them. Answers over months add thousands: it makes nothing on its way.
 */
export function addEncodedSums(into: Cell, bytes: Uint8Array): void {
  const numbers = new Varints(bytes);
  if (numbers.next() !== CELL_VERSION) throw new RangeError("a cell is of an unknown version");
  const { values, base, exponentials } = into;
  const last = base + SLOT.lastRequestMicros;
  const lastRequestMicros = values[last]!;
  values[last] = 0;
  let slot = 0;
  for (let left = numbers.next(); left > 0; left--) {
    slot += unzigzag(numbers.next());
    const value = numbers.next();
    if (slot >= 0 && slot < SUMS_LAYOUT.size) values[base + slot]! += value;
  }
  values[last] = Math.max(lastRequestMicros, values[last]!);
  carryAll(into);
  for (let index = 0; index < exponentials.length; index++) {
    const zeroCount = numbers.next();
    if (zeroCount > 0) exponential(into, index).zeroCount += zeroCount;
    const buckets = numbers.next();
    if (buckets > 0) addBuckets(exponential(into, index), numbers, buckets);
  }
  if (!numbers.isAtEnd) throw new RangeError("a cell has bytes to spare");
}

/** Most steps and counts are of one byte each. */
function addBuckets(into: ExponentialHistogram, numbers: Varints, buckets: number): void {
  const { bytes } = numbers;
  let index = 0;
  for (let left = buckets; left > 0; left--) {
    const step = bytes[numbers.at] ?? VARINT_REST;
    const count = bytes[numbers.at + 1] ?? VARINT_REST;
    if (step < VARINT_REST && count < VARINT_REST) {
      numbers.at += 2;
      index += (step >>> 1) ^ -(step & 1);
      into.add(index, count);
    } else {
      index += unzigzag(numbers.next());
      into.add(index, numbers.next());
    }
  }
}

/**
 * The sum of encoded cells of one layout, encoded under it, whichever it is if it `hasSums`: buckets come after what all
 * layouts have, and add up. Throws a RangeError for bytes that are no cell.
 */
export function mergeEncoded(cells: readonly Uint8Array[]): Uint8Array {
  const sums = new EncodedMerge();
  return cells.reduce((sum, cell) => sums.merge(sum, cell).slice(), NO_EVENTS);
}

function readPairs(next: () => number, take: (key: number, value: number) => void): void {
  let key = 0;
  for (let left = next(); left > 0; left--) {
    key += unzigzag(next());
    take(key, next());
  }
}
