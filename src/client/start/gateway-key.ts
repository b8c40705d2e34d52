import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashKey, type KeyRecord } from '../../gateway/key-ring.js';

/** Far above what one machine answers, so that the replayed traffic is never what is limited. */
const rate = { perSecond: 1000, burst: 1000 };

/**
 * The API key of the embedded gateway, made on the first run and kept in `<home>/gateway.key`, readable by its owner
 * alone; the gateway reads only its hash, from `<home>/keys.json`.
 */
export async function ensureGatewayKey({ home, model }: { home: string; model: string }): Promise<string> {
  const file = join(home, 'gateway.key');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  const key = known === '' ? randomBytes(24).toString('base64url') : known;
  if (known === '') await writeFile(file, `${key}\n`, { mode: 0o600 });
  const record: KeyRecord = {
    id: 'embedded',
    sha256: hashKey(key),
    scopes: ['query', 'test', 'feedback'],
    defaultModel: model,
    expiresAt: null,
    rate,
    quotaPerDay: null,
  };
  await writeFile(join(home, 'keys.json'), `${JSON.stringify([record], null, 2)}\n`, { mode: 0o600 });
  return key;
}
