import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './evidence.js';
import { samePerson } from './person.js';

/** Whom a token names, until when. */
export const approverClaimsSchema = z.strictObject({
  by: z.string().trim().min(1).max(200),
  roles: z.array(z.string().min(1)).min(1),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type ApproverClaims = z.infer<typeof approverClaimsSchema>;

/** What an answer says and of which evidence. */
export interface BoundAnswer {
  releaseId: string;
  evidenceDigest: string;
  decision: 'approve' | 'reject';
}

const credential = 'approver1';
const bound = 'answer1';
const part = /^[A-Za-z0-9_-]+$/;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const signatureOf = (claims: string, key: string): Buffer => hmac(key, `${credential}.${claims}`);
const proofOf = (signature: Buffer, { decision, releaseId, evidenceDigest }: BoundAnswer): Buffer =>
  hmac(signature, [bound, decision, releaseId, evidenceDigest].join('\n'));

/** A token that proves its holder to be `claims.by`. Whoever has it can answer as that person: it is a password. */
export function signApprover({ claims, key }: { claims: ApproverClaims; key: string }): string {
  const text = Buffer.from(canonicalJson(claims)).toString('base64url');
  return [credential, text, signatureOf(text, key).toString('base64url')].join('.');
}

/**
 * A token that is good for one answer about one evidence. It is what leaves the approver's machine: whoever reads it in
 * a workflow's history can answer nothing else with it.
 * @throws RangeError for what is no approver token.
 */
export function bindToken({ token, answer }: { token: string; answer: BoundAnswer }): string {
  const [kind, claims = '', signature = ''] = token.trim().split('.');
  if (kind !== credential || !part.test(claims) || !part.test(signature))
    throw new RangeError('expected an approver token as `understudy token` prints it');
  return [bound, claims, proofOf(Buffer.from(signature, 'base64url'), answer).toString('base64url')].join('.');
}

/** Whom a bound token proves, or why it proves nobody. Compares in constant time. */
export function readBoundToken({
  token,
  key,
  by,
  answer,
  now,
}: {
  token: string;
  key: string;
  /** The name that the answer gives. */
  by: string;
  answer: BoundAnswer;
  /** ISO 8601. */
  now: string;
}): { claims: ApproverClaims } | { problem: string } {
  const [kind, text = '', proof = '', ...rest] = token.trim().split('.');
  if (kind !== bound || !part.test(text) || !part.test(proof) || rest.length > 0)
    return {
      problem: 'the token is no answer bound to a release; use `understudy approve`, or `understudy token --for`',
    };
  const expected = proofOf(signatureOf(text, key), answer);
  const given = Buffer.from(proof, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { problem: 'the token was made with another key, or for another release, evidence or decision' };
  const claims = approverClaimsSchema.safeParse(parsed(text));
  if (!claims.success) return { problem: 'the token names nobody' };
  if (Date.parse(claims.data.expiresAt) <= Date.parse(now))
    return { problem: `the token of ${claims.data.by} expired at ${claims.data.expiresAt}` };
  if (!samePerson(claims.data.by, by)) return { problem: `the token is ${claims.data.by}'s, not ${by}'s` };
  return { claims: claims.data };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
