import { once } from 'node:events';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';

/**
 * One of several processes that race on one directory store: `store-racer.ts <root> <task> <name> <rounds>`.
 * Waits for a line on stdin, so that all start together, and prints one JSON line.
 */
const [root, task, name, rounds] = process.argv.slice(2);
if (!root || !task || !name || !rounds) throw new Error('usage: store-racer.ts <root> <task> <name> <rounds>');
const store = new DirectoryStore({ root });
const count = Number(rounds);

async function createOnce(write: (key: string) => Promise<boolean>): Promise<number[]> {
  const won: number[] = [];
  for (let round = 0; round < count; round += 1) if (await write(`race/${task}/${round}`)) won.push(round);
  return won;
}

const tasks: Record<string, () => Promise<unknown>> = {
  putIfAbsent: () => createOnce(async (key) => (await store.putIfAbsent({ key, body: Buffer.from(name) })).created),
  compareAndSet: () =>
    createOnce(async (key) => (await store.compareAndSet({ key, body: Buffer.from(name), expected: null })) !== null),
  mixed: () =>
    createOnce(async (key) =>
      name.endsWith('0')
        ? (await store.putIfAbsent({ key, body: Buffer.from(name) })).created
        : (await store.compareAndSet({ key, body: Buffer.from(name), expected: null })) !== null,
    ),
  increment: async () => {
    let lost = 0;
    for (let done = 0; done < count;) {
      const found = await store.get({ key: 'race/counter' });
      const next = found ? Number(Buffer.from(found.body).toString()) + 1 : 1;
      const written = await store.compareAndSet({
        key: 'race/counter',
        body: Buffer.from(String(next)),
        expected: found?.version ?? null,
      });
      if (written) done += 1;
      else lost += 1;
    }
    return lost;
  },
  scribble: async () => {
    for (let round = 0; ; round += 1) {
      const body = Buffer.from(`${name}:${round};`.repeat(20_000));
      await store.put({ key: 'race/plain', body });
      const found = await store.get({ key: 'race/managed' });
      await store.compareAndSet({ key: 'race/managed', body, expected: found?.version ?? null });
    }
  },
};

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const result = await tasks[task]!();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
