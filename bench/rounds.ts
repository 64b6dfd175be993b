/** Rounds: each subject once a round, in an order that turns by one each time, so that none is always first. */

/** Values by subject name, one for each round and subject. */
export async function inRounds<Item extends { readonly name: string }, Value>(
  rounds: number,
  items: readonly Item[],
  measure: (item: Item, round: number) => Promise<Value>,
): Promise<ReadonlyMap<string, Value[]>> {
  const measured = new Map<string, Value[]>(items.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < items.length; turn++) {
      const item = items[(round + turn) % items.length]!;
      process.stderr.write(`round ${round + 1} of ${rounds}: ${item.name}\n`);
      measured.get(item.name)!.push(await measure(item, round));
    }
  }
  return measured;
}
