import { expect } from 'chai';
import { MlflowResponseError } from '../../src/errors.js';
import { collect, walkPages } from '../../src/paging.js';
import { failureOf } from '../support/stub-server.js';

function threePages(asked: (string | undefined)[]) {
  return walkPages((token) => {
    asked.push(token);
    const page = token === undefined ? 0 : Number(token);
    return Promise.resolve({ items: [page * 2, page * 2 + 1], nextPageToken: page < 2 ? String(page + 1) : undefined });
  });
}

describe('paging', () => {
  it('walks through all pages in order', async () => {
    const asked: (string | undefined)[] = [];
    expect(await collect({ items: threePages(asked) })).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(asked).to.deep.equal([undefined, '1', '2']);
  });

  it('asks for no page that nobody wants', async () => {
    const asked: (string | undefined)[] = [];
    expect(await collect({ items: threePages(asked), limit: 2 })).to.deep.equal([0, 1]);
    expect(await collect({ items: threePages(asked), limit: 0 })).to.deep.equal([]);
    expect(asked).to.deep.equal([undefined]);
  });

  it('takes an empty token as the end', async () => {
    const items = walkPages(() => Promise.resolve({ items: [1], nextPageToken: '' }));
    expect(await collect({ items })).to.deep.equal([1]);
  });

  it('ends a search that would never end', async () => {
    const items = walkPages(() => Promise.resolve({ items: [1], nextPageToken: 'same' }));
    expect(await failureOf(collect({ items }))).to.be.instanceOf(MlflowResponseError);
  });
});
