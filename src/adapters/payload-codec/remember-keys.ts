import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { ArtifactStore } from '../../activities/ports.js';
import type { PayloadKey } from '../../config/payload-keys.js';

const prefix = 'payload-keys/';
const checkSchema = z.object({ version: z.literal(1), check: z.string() });

/** What tells a key from another of the same id and tells nothing else of it. */
const checkOf = ({ key }: PayloadKey): string =>
  createHmac('sha256', Buffer.from(key.reveal(), 'base64')).update('understudy payload key 1').digest('hex');

/**
 * Notes in the store which keys payloads are written with, and holds the keys of this process against it: a worker with
 * a wrong key could read no release that is under way, and would write what nobody else reads.
 * @throws Error where a key is another than the one of its id, or where there is none and payloads are encrypted.
 */
export async function rememberKeys({
  store,
  keys,
}: {
  store: Pick<ArtifactStore, 'get' | 'putIfAbsent' | 'list'>;
  keys: readonly PayloadKey[];
}): Promise<void> {
  const problems: string[] = [];
  for (const one of keys) {
    const key = `${prefix}${one.id}.json`;
    await store.putIfAbsent({ key, body: Buffer.from(`${JSON.stringify({ version: 1, check: checkOf(one) })}\n`) });
    const noted = checkSchema.parse(JSON.parse(Buffer.from((await store.get({ key }))!.body).toString('utf8')));
    if (noted.check !== checkOf(one))
      problems.push(
        `payload key ${one.id}: is another one than payloads were written with under this id; set that one, or give this one an id of its own`,
      );
  }
  if (keys.length === 0) {
    for await (const { key } of store.list({ prefix })) {
      const id = key.slice(prefix.length, -'.json'.length);
      problems.push(`payload key ${id}: payloads were written with it; set it in UNDERSTUDY_PAYLOAD_KEYS`);
    }
    if (problems.length > 0)
      problems.push(`where no workflow has such payloads any more, remove ${prefix} from the store`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
