import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { ArtifactStore } from '../../activities/ports.js';
import type { PayloadKey } from '../../config/payload-keys.js';

const prefix = 'payload-keys/';
const checkSchema = z.object({ version: z.literal(1), check: z.string() });

/** What tells a key from another of the same id and tells nothing else of it. */
const checkOf = ({ key }: PayloadKey): string =>
  createHmac('sha256', Buffer.from(key.reveal(), 'base64')).update('understudy payload key 1').digest('hex');

type Noted = Pick<ArtifactStore, 'get' | 'list'>;

const keyOf = (id: string): string => `${prefix}${id}.json`;

/** What is wrong with a key of this process; null where its id was never noted, or stands for it. */
async function problemOf({ store, one }: { store: Noted; one: PayloadKey }): Promise<string | null> {
  const stored = await store.get({ key: keyOf(one.id) });
  if (stored === null) return null;
  const noted = checkSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  if (noted.check === checkOf(one)) return null;
  return `payload key ${one.id}: is another one than payloads were written with under this id; set that one, or give this one an id of its own`;
}

async function notedIds({ store }: { store: Noted }): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list({ prefix })) ids.push(key.slice(prefix.length, -'.json'.length));
  return ids;
}

/**
 * Notes in the store which keys payloads are written with, and holds the keys of this process against it: a worker with
 * a wrong key could read no release that is under way, and would write what nobody else reads.
 * @throws Error where a key is another than the one of its id, or where there is none and payloads are encrypted.
 */
export async function rememberKeys({
  store,
  keys,
}: {
  store: Noted & Pick<ArtifactStore, 'putIfAbsent'>;
  keys: readonly PayloadKey[];
}): Promise<void> {
  for (const one of keys) {
    const body = Buffer.from(`${JSON.stringify({ version: 1, check: checkOf(one) })}\n`);
    await store.putIfAbsent({ key: keyOf(one.id), body });
  }
  await requireKeys({ store, keys });
}

/**
 * Holds the keys of a process that writes to workflows against those that the workers have noted: what it writes under
 * another key, or under none, would stand in the database for all to read, or stop a workflow that can't read it.
 * @throws Error saying how to mend each key.
 */
export async function requireKeys({ store, keys }: { store: Noted; keys: readonly PayloadKey[] }): Promise<void> {
  const ids = await notedIds({ store });
  const problems = (await Promise.all(keys.map((one) => problemOf({ store, one })))).flatMap((one) => one ?? []);
  const [writing] = keys;
  if (writing !== undefined && ids.length > 0 && !ids.includes(writing.id))
    problems.push(
      `payload key ${writing.id}: no worker has had it yet; give it to the workers first, or put one of ${ids.join(', ')} first`,
    );
  if (writing === undefined && ids.length > 0)
    problems.push(
      ...ids.map((id) => `payload key ${id}: payloads were written with it; set it in UNDERSTUDY_PAYLOAD_KEYS`),
      `where no workflow has such payloads any more, remove ${prefix} from the store`,
    );
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
