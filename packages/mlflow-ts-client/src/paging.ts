import { MlflowResponseError } from './errors.js';

export interface Page<Item> {
  items: readonly Item[];
  nextPageToken: string | undefined;
}

/** What every search takes: how many items the server sends at a time. All pages come, whatever the size. */
export interface PageOptions {
  pageSize?: number | undefined;
}

/**
 * Walks through all pages, asking for the next only when the caller wants more.
 * @throws MlflowResponseError when the server hands out the same page token twice in a row, which would never end
 */
export async function* walkPages<Item>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let pageToken: string | undefined;
  do {
    const page: Page<Item> = await fetchPage(pageToken);
    yield* page.items;
    if (page.nextPageToken !== undefined && page.nextPageToken === pageToken) {
      throw new MlflowResponseError({
        message: 'The server answered with the page token it was asked with: the search would never end.',
      });
    }
    pageToken = page.nextPageToken === '' ? undefined : page.nextPageToken;
  } while (pageToken !== undefined);
}

/** Gathers an async iterable into an array, stopping after `limit` items where one is given. */
export async function collect<Item>(input: {
  items: AsyncIterable<Item>;
  limit?: number | undefined;
}): Promise<Item[]> {
  const gathered: Item[] = [];
  const limit = input.limit ?? Number.POSITIVE_INFINITY;
  if (limit <= 0) return gathered;
  for await (const item of input.items) {
    gathered.push(item);
    if (gathered.length >= limit) break;
  }
  return gathered;
}
