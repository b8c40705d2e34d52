import { expect } from 'chai';
import { type BatchWorld, openBatchWorld, reviewsOf } from './support/batch-world.js';
import { dyingStore, Killed } from './support/dying-store.js';

const items = ['kettle', 'mug', 'pan'];

describe('a worker that is killed in a batch', function () {
  this.timeout(120_000);

  /** What is in the watermark is in the cache, of the same release. */
  async function expectNothingAhead({ watermark, summary }: BatchWorld, at: string): Promise<void> {
    for (const { item, state, release } of (await watermark()).items.values()) {
      const stored = await summary(item);
      expect(state, at).to.equal('summarised');
      expect(stored?.release, `${item} ${at}`).to.equal(release);
    }
  }

  for (const landed of [false, true])
    it(`at any write, ${landed ? 'right after' : 'before'} it, leaves nothing ahead of the results and repeats no stored answer`, async () => {
      let kills = 0;
      for (let dieAt = 1; ; dieAt += 1) {
        const world = await openBatchWorld();
        try {
          await world.plan();
          await world.write(items.flatMap((item) => reviewsOf(item, 2)));
          const dying = dyingStore({ store: world.store, dieAt, landed });
          const died = await world.run({ store: dying.store }).then(
            () => false,
            (error: unknown) => {
              if (error instanceof Killed) return true;
              throw error;
            },
          );
          if (!died) break;
          kills += 1;
          const at = `killed at write ${dieAt}`;
          await expectNothingAhead(world, at);
          const stored = (await world.keys(`batches/review-summaries.home/answers/`)).length;
          const before = world.calls.length;
          world.pass(3_600_000);
          await world.run();
          expect(world.calls.length - before, at).to.equal(items.length - stored);
          await expectNothingAhead(world, `after the run that follows, ${at}`);
          for (const item of items) expect((await world.summary(item))?.summary, `${item}, ${at}`).to.contain('sturdy');
          expect([...(await world.watermark()).items.keys()].sort(), at).to.deep.equal([...items].sort());
          expect(await world.run(), at).to.include({ stage: null, unchanged: items.length });
        } finally {
          await world.close();
        }
      }
      expect(kills, 'writes of a run: two for each item and some').to.be.at.least(2 * items.length + 4);
    });
});
