import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readFile } from 'node:fs/promises';
import { type BatchWorld, openBatchWorld, summaryReply } from './support/batch-world.js';

const data = fileURLToPath(new URL('../../../../shared/data/reviews-womens-clothing.csv', import.meta.url));
const overlay = new URL('../../../examples/womens-clothing/womens-clothing.yaml', import.meta.url);

describe("a batch over the Women's E-Commerce Clothing data set", function () {
  this.timeout(60_000);
  let world: BatchWorld;
  before(async function () {
    if (!existsSync(data)) {
      process.stdout.write(`    ${data} is not here: nothing to try\n`);
      return this.skip();
    }
    const { batch } = parse(await readFile(overlay, 'utf8')) as { batch: { source: object } };
    world = await openBatchWorld({
      batch: { ...batch, source: { ...batch.source, uri: data }, itemsPerChunk: 256 },
    });
    await world.plan();
  });
  after(() => world?.close());

  it('sums up its 195 products, although it has no date, no language and no buyers', async () => {
    world.says(({ question }) =>
      JSON.stringify({
        ...(JSON.parse(summaryReply) as object),
        sources: question
          .split('\n')
          .slice(1)
          .map((_, at) => at + 1),
      }),
    );
    expect(await world.run()).to.include({ due: 195, deadLettered: 0, calls: 195 - (await tooFew()) });
    const summary = await world.summary('850');
    expect(summary?.reviews).to.deep.equal({ all: 95, shown: 15 });
    expect(summary?.sources.slice(0, 5).every(({ rating, verified }) => rating >= 4 && !verified)).to.equal(true);
    expect(summary?.sources.slice(5, 10).every(({ rating }) => rating <= 2)).to.equal(true);
    expect(await world.run()).to.include({ stage: null, unchanged: 195 });
  });

  const tooFew = async (): Promise<number> =>
    [...(await world.watermark()).items.values()].filter(({ state }) => state === 'tooFew').length;
});
