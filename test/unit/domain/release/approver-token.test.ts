import { expect } from 'chai';
import {
  bindToken,
  readBoundToken,
  signApprover,
  type ApproverClaims,
  type BoundAnswer,
} from '../../../../src/domain/release/approver-token.js';

const key = 'a key of sixteen characters and more';
const claims: ApproverClaims = {
  ...{ by: 'Bob', roles: ['approver'] },
  ...{ issuedAt: '2026-03-01T00:00:00.000Z', expiresAt: '2026-03-31T00:00:00.000Z' },
};
const answer: BoundAnswer = { releaseId: 'm-r2', evidenceDigest: 'e'.repeat(64), decision: 'approve' };
const token = bindToken({ token: signApprover({ claims, key }), answer });
const read = (change: Partial<Parameters<typeof readBoundToken>[0]> = {}) =>
  readBoundToken({ token, key, by: 'bob ', answer, now: '2026-03-02T00:00:00.000Z', ...change });
const problem = (change: Partial<Parameters<typeof readBoundToken>[0]>): string => {
  const found = read(change);
  return 'problem' in found ? found.problem : 'none';
};

describe('approver tokens', () => {
  it('prove whom they name, for one answer', () => {
    expect(read()).to.deep.equal({ claims });
  });

  it('prove nothing for another release, evidence or decision, or by another key', () => {
    for (const change of [
      { answer: { ...answer, releaseId: 'm-r3' } },
      { answer: { ...answer, evidenceDigest: 'f'.repeat(64) } },
      { answer: { ...answer, decision: 'reject' as const } },
      { key: 'another key of sixteen characters' },
    ])
      expect(problem(change)).to.match(/made with another key, or for another release, evidence or decision/);
  });

  it('prove nothing for somebody else or after their time', () => {
    expect(problem({ by: 'carol' })).to.equal("the token is Bob's, not carol's");
    expect(problem({ now: '2026-03-31T00:00:00.000Z' })).to.match(/^the token of Bob expired at/);
  });

  it('can’t be changed, and the token itself is no answer', () => {
    const [kind, , proof] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, by: 'mallory' })).toString('base64url');
    expect(problem({ token: [kind, forged, proof].join('.'), by: 'mallory' })).to.match(/another key/);
    expect(problem({ token: `${token.slice(0, -2)}AA` })).to.match(/another key/);
    expect(problem({ token: `${token}.x` })).to.match(/no answer bound to a release/);
    for (const text of ['', 'x', '..', signApprover({ claims, key }), `answer1..${'a'.repeat(43)}`])
      expect(problem({ token: text })).to.match(/no answer bound to a release/);
  });

  it('names what is no approver token when it is bound', () => {
    for (const text of ['', 'abc', token, 'approver1.a b.c'])
      expect(() => bindToken({ token: text, answer })).to.throw(RangeError, 'expected an approver token');
  });
});
