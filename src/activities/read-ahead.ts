/**
 * What `read` finds for each thing, in their order, with up to `atOnce` reads under way: one after the other, hundreds of
 * objects of a store over a network take as many round trips. The first failure is thrown in its turn.
 */
export async function* readAhead<Thing, Found>({
  things,
  read,
  atOnce = 32,
}: {
  things: AsyncIterable<Thing> | Iterable<Thing>;
  read: (thing: Thing) => Promise<Found>;
  atOnce?: number;
}): AsyncGenerator<Found> {
  const underWay: Promise<Found>[] = [];
  for await (const thing of things) {
    const reading = read(thing);
    // It may fail before its turn.
    reading.catch(() => undefined);
    underWay.push(reading);
    if (underWay.length >= atOnce) yield await underWay.shift()!;
  }
  for (const reading of underWay) yield await reading;
}
