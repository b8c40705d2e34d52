import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson, digestOf, sha256Hex } from '../../../src/domain/release/evidence.js';

/** The same value with the keys of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
};

describe('evidence', () => {
  it('writes keys in order and no spaces', () => {
    expect(canonicalJson({ b: [1, { z: null, a: 'ü"' }], a: -0, B: true })).to.equal(
      '{"B":true,"a":0,"b":[1,{"a":"ü\\"","z":null}]}',
    );
  });

  it('gives the published digest of an empty text and of an empty object', () => {
    expect(sha256Hex('')).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(digestOf({})).to.equal('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('does not depend on the order of keys, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        expect(digestOf(reversed(plain))).to.equal(digestOf(plain));
        expect(JSON.parse(canonicalJson(plain))).to.deep.equal(plain);
      }),
    );
  });

  const refused: [string, unknown, string][] = [
    ['NaN', { gates: [{ value: Number.NaN }] }, '$.gates[0].value is NaN'],
    ['an infinity', [Infinity], '$[0] is Infinity'],
    ['undefined', { bound: undefined }, '$.bound is undefined'],
    ['a hole in an array', new Array(1), '$[0] is undefined'],
    ['a Map', { seen: new Map() }, '$.seen is Map'],
    ['a Date', { at: new Date(0) }, '$.at is Date'],
    ['a bigint', { n: 1n }, '$.n is bigint'],
  ];
  for (const [name, value, start] of refused) {
    it(`refuses ${name} and names where it stands`, () => {
      expect(() => canonicalJson(value)).to.throw(TypeError, start);
    });
  }
});
