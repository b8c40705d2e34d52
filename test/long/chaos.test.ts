import { expect } from 'chai';
import { runChaos } from '../chaos/run.js';

describe('releases while everything around them breaks', function () {
  // A minute on a quiet machine; how long it takes says nothing of whether it is right.
  this.timeout(900_000);

  it('end as they should, and leave the world outside as it must be', async () => {
    const { seed, releases, violations, workersKilled, faults } = await runChaos({ seed: 7, releases: 8 });
    expect(violations, `npm run chaos -- --seed ${seed} --releases 8`).to.deep.equal([]);
    expect(releases).to.equal(8);
    expect(workersKilled).to.be.greaterThan(0);
    expect(faults['lostAnswer']).to.be.greaterThan(0);
  });

  it('are checked as far as they came where the run is told that it is enough', async () => {
    const enough = new AbortController();
    const say = (line: string): void => {
      if (/^[1-9]\d* of 40 releases ended/.test(line)) enough.abort();
    };
    const { releases, asked, violations, replayed } = await runChaos({
      ...{ seed: 8, releases: 40, say, enough: enough.signal },
    });
    expect(violations).to.deep.equal([]);
    expect(asked).to.equal(40);
    expect(releases).to.be.within(1, 30);
    expect(replayed).to.be.greaterThan(releases);
  });
});
