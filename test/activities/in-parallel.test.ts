import { expect } from 'chai';
import { inParallel } from '../../src/activities/in-parallel.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('does the work once for every number, never more at a time than asked for', async () => {
    const done: number[] = [];
    let [now, most] = [0, 0];
    await inParallel({
      count: 20,
      atOnce: 3,
      work: async (index) => {
        most = Math.max(most, (now += 1));
        await turn();
        now -= 1;
        done.push(index);
      },
    });
    expect(done.sort((one, other) => one - other)).to.deep.equal([...Array(20).keys()]);
    expect(most).to.equal(3);
  });

  it('begins nothing more after a failure, and throws it when nothing is under way', async () => {
    const [begun, ended]: [number[], number[]] = [[], []];
    const failure = await inParallel({
      count: 20,
      atOnce: 3,
      work: async (index) => {
        begun.push(index);
        if (index === 1) throw new Error('the second one');
        for (let turns = 0; turns < 5; turns += 1) await turn();
        if (index === 0) throw new Error('the first one, later');
        ended.push(index);
      },
    }).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    expect(failure).to.equal('the second one');
    expect(begun).to.deep.equal([0, 1, 2]);
    expect(ended).to.deep.equal([2]);
  });

  it('has nothing to do for none', async () => {
    await inParallel({ count: 0, atOnce: 3, work: () => Promise.reject(new Error('called')) });
  });
});
