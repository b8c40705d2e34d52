import { expect } from 'chai';
import { readAhead } from '../../src/activities/read-ahead.js';

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('readAhead', () => {
  it('gives what was read in order, whichever came first, with no more than so many under way', async () => {
    let [underWay, most] = [0, 0];
    const read = async (at: number): Promise<number> => {
      most = Math.max(most, (underWay += 1));
      await after((10 - at) % 4);
      underWay -= 1;
      return at * at;
    };
    const found: number[] = [];
    for await (const one of readAhead({ things: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], read, atOnce: 4 })) found.push(one);
    expect(found).to.deep.equal([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    expect(most).to.equal(4);
  });

  it('throws the first failure in its turn, and leaves none of the others unheard', async () => {
    const read = (at: number): Promise<number> =>
      at < 2 ? after(5).then(() => at) : Promise.reject(new Error(`number ${at} is away`));
    const found: number[] = [];
    const all = (async () => {
      for await (const one of readAhead({ things: [0, 1, 2, 3], read })) found.push(one);
    })();
    expect(await all.catch((error: Error) => error.message)).to.equal('number 2 is away');
    expect(found).to.deep.equal([0, 1]);
    await after(10);
  });

  it('gives nothing of nothing', async () => {
    for await (const one of readAhead({ things: [], read: async () => 1 })) expect(one).to.equal('nothing');
  });
});
