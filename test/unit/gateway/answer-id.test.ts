import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAnswerId, encodeAnswerId, type Attribution } from '../../../src/gateway/answer-id.js';

const attribution: Attribution = { model: 'm', revision: 4, arm: 'challenger', bucket: 77 };
const saltOf = (model: string) => (model === 'm' ? 'salt' : null);

describe('answer id', () => {
  it('carries its attribution', () => {
    fc.assert(
      fc.property(
        fc.record({
          model: fc.string({ minLength: 1 }),
          revision: fc.integer({ min: 1 }),
          arm: fc.constantFrom('champion', 'challenger', null),
          bucket: fc.integer({ min: 0, max: 2 ** 20 - 1 }),
        }),
        (given) => {
          const id = encodeAnswerId({ attribution: given, salt: 's' });
          expect(decodeAnswerId({ id, saltOf: () => 's' })).to.deep.equal(given);
        },
      ),
    );
  });

  it('is different for every answer', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => encodeAnswerId({ attribution, salt: 'salt' })));
    expect(ids.size).to.equal(1000);
  });

  it('is not taken when invented, changed, or of a model that is not here', () => {
    const id = encodeAnswerId({ attribution, salt: 'salt' });
    const forged = encodeAnswerId({ attribution, salt: 'guess' });
    const moved = `${Buffer.from('["m",4,"champion",77,"x"]').toString('base64url')}.${id.split('.')[1]}`;
    const foreign = encodeAnswerId({ attribution: { ...attribution, model: 'other' }, salt: 'salt' });
    for (const wrong of [forged, moved, foreign, `${id}.x`, id.slice(0, -1), '', 'a.b', 'null.'])
      expect(decodeAnswerId({ id: wrong, saltOf }), wrong).to.equal(null);
    expect(decodeAnswerId({ id, saltOf })).to.deep.equal(attribution);
  });
});
