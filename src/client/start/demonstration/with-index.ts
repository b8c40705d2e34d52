import type { IndexResult } from '../../../contracts/indexing.js';
import type { UnderstudyClient } from '../../understudy-client.js';
import type { DemonstrationClient } from './run-demonstration.js';

/** The client of a demonstration, which brings the index of every spec up to date as soon as that is applied. */
export const withIndex = ({
  client,
  say,
}: {
  client: UnderstudyClient;
  say: (line: string) => void;
}): DemonstrationClient => ({
  watch: (input) => client.watch(input),
  requestRelease: (input) => client.requestRelease(input),
  apply: async (input) => {
    const applied = await client.apply(input);
    const run = await client.renewIndex(applied.model);
    if (run) say(indexLine(await run.result()));
    return applied;
  },
});

function indexLine({ version, switched, documents, deadLetters, check }: IndexResult): string {
  if (!switched || !check) return `index ${version}: ${documents} documents, none changed`;
  const { chunks, golden } = check;
  const found = golden ? `, ${golden.hits} of ${golden.questions} golden questions find their document` : '';
  return `index ${version}: ${documents} documents in ${chunks} chunks, ${deadLetters} left out${found}`;
}
