import { expect } from 'chai';
import type { Embedder } from '../../../src/activities/embedder-port.js';
import { CachedEmbedder } from '../../../src/adapters/cached-embedder.js';

/** Vectors of one number, the length of the text; `before` is waited for first. */
function lengths(before: (texts: readonly string[]) => Promise<unknown> = async () => undefined) {
  const asked: string[][] = [];
  const embedder: Embedder = {
    ...{ id: 'lengths@1', dimension: 1, maximumTokens: 512 },
    embed: async ({ texts }) => {
      asked.push([...texts]);
      await before(texts);
      return texts.map((text) => Float32Array.of(text.length));
    },
  };
  return { asked, cached: new CachedEmbedder(embedder) };
}

const numbers = (vectors: readonly Float32Array[]): (number | undefined)[] => vectors.map((vector) => vector[0]);

describe('an embedder that remembers', () => {
  it('embeds each text once, in the order asked for', async () => {
    const { asked, cached } = lengths();
    expect(numbers(await cached.embed({ texts: ['a', 'bb', 'a'] }))).to.deep.equal([1, 2, 1]);
    expect(numbers(await cached.embed({ texts: ['ccc', 'bb'] }))).to.deep.equal([3, 2]);
    expect(asked).to.deep.equal([['a', 'bb'], ['ccc']]);
  });

  it('has the vector of a text still where others have pushed it out meanwhile', async () => {
    const crowd = Array.from({ length: 25_000 }, (_, index) => `text ${index}`);
    const { cached } = lengths((texts) => (texts.includes('bb') ? cached.embed({ texts: crowd }) : Promise.resolve()));
    await cached.embed({ texts: ['a'] });
    expect(numbers(await cached.embed({ texts: ['a', 'bb'] }))).to.deep.equal([1, 2]);
  });
});
