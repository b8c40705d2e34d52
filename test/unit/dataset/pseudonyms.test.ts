import { expect } from 'chai';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';

describe('pseudonyms', () => {
  it('are HMAC-SHA-256 with a key (RFC 4231, test case 2) and SHA-256 without (FIPS 180-4), cut to 64 bits', () => {
    const keyed = createPseudonyms({ key: 'Jefe' });
    expect(keyed.of('what do ya want for nothing?')).to.equal('id-5bdcc146bf60754e');
    expect(createPseudonyms({ key: null }).of('abc')).to.equal('id-ba7816bf8f01cfea');
  });

  it('tell keys apart without showing them', () => {
    const digests = ['first key of sixteen', 'second key of sixteen', null].map(
      (key) => createPseudonyms({ key }).keyDigest,
    );
    expect(new Set(digests).size).to.equal(3);
    expect(digests[2]).to.equal(null);
    expect(JSON.stringify(createPseudonyms({ key: 'first key of sixteen' }))).to.not.contain('first');
  });
});
