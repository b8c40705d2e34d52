import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Arm } from '../domain/rollout/traffic-plan.js';

/** Where an answer's later feedback counts. */
export interface Attribution {
  model: string;
  revision: number;
  /** The arm of the sticky key; null where the answer is not counted (testers, a lapsed lease). */
  arm: Arm | null;
  bucket: number;
}

const partsSchema = z.tuple([
  z.string().min(1),
  z.number().int().min(1),
  z.enum(['champion', 'challenger']).nullable(),
  z.number().int().min(0),
  z.string(),
]);

const sign = (payload: string, salt: string): string =>
  createHmac('sha256', salt).update('answer-id\0').update(payload).digest().subarray(0, 16).toString('base64url');

const nonceBytes = 9;
const nonces = Buffer.alloc(nonceBytes * 1000);
let unused = 0;

/** Random bytes by the thousand: asking the system for them costs as much as the rest of an id. */
function nonce(): string {
  if (unused < nonceBytes) {
    randomFillSync(nonces);
    unused = nonces.length;
  }
  unused -= nonceBytes;
  return nonces.toString('base64url', unused, unused + nonceBytes);
}

/**
 * An answer's id carries its attribution, signed with the model's salt: feedback may come to another gateway, or after
 * a restart, and still counts where it belongs, and nobody can invent an id.
 */
export function encodeAnswerId({ attribution, salt }: { attribution: Attribution; salt: string }): string {
  const { model, revision, arm, bucket } = attribution;
  const parts = [model, revision, arm, bucket, nonce()];
  const payload = Buffer.from(JSON.stringify(parts)).toString('base64url');
  return `${payload}.${sign(payload, salt)}`;
}

/** The attribution of an id, null when it was not made by a gateway of this model. `saltOf` gives null for strangers. */
export function decodeAnswerId({
  id,
  saltOf,
}: {
  id: string;
  saltOf: (model: string) => string | null;
}): Attribution | null {
  const [payload, signature, ...rest] = id.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return null;
  const parsed = partsSchema.safeParse(parse(payload));
  if (!parsed.success) return null;
  const [model, revision, arm, bucket] = parsed.data;
  const salt = saltOf(model);
  if (salt === null) return null;
  const given = Buffer.from(signature);
  const expected = Buffer.from(sign(payload, salt));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return { model, revision, arm, bucket };
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
