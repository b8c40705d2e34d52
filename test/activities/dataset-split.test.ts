import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PublishedDataset } from '../../src/activities/dataset-publishing.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { builtDataset, publishedLines } from './support/built-dataset.js';

const ticket = ({ number, question, answer }: { number: number; question: string; answer: string }): string =>
  JSON.stringify({
    ...{ ticket_id: `T-${number}`, customer_id: `C-${number}`, category: 'tracking', resolved: true },
    ...{ customer_query: question, agent_response: answer },
  });
const answerOf = (number: number): string => `Parcel ${number} was seen at depot ${number * 7} near harbour ${number}.`;
const ownQuestion = (number: number): string =>
  `My order ${number} to street ${number * 3} of town ${number * 5} has not come yet, why?`;

describe('questions that several customers ask', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-split-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function build(rows: readonly string[], replay: Record<string, unknown> | null = null) {
    const uri = join(folder, 'tickets.jsonl');
    await writeFile(uri, rows.join('\n'));
    const source = { kind: 'jsonl', uri };
    return await builtDataset({ store, data: { source, replay }, question: 'How much is a box to Norway by air?' });
  }
  async function linesOf<Line>(dataset: PublishedDataset, file: string): Promise<Line[]> {
    return (await publishedLines({ store, dataset, file })).map((line) => JSON.parse(line) as Line);
  }
  const questions = async (dataset: PublishedDataset, file: string): Promise<string[]> =>
    (await linesOf<{ messages: { role: string; content: string }[] }>(dataset, file)).map(
      ({ messages }) => messages.find(({ role }) => role === 'user')!.content,
    );

  const asked = 'Where is the parcel that I sent last week from the harbour office in the old town, please tell me?';
  const rowsOf = (shared: (number: number) => string): string[] =>
    Array.from({ length: 400 }, (_, number) =>
      ticket({ number, question: number % 2 === 0 ? shared(number) : ownQuestion(number), answer: answerOf(number) }),
    );

  for (const [name, shared] of [
    ['in the same words', () => asked],
    [
      'in other capitals and with a word more',
      (number: number) => (number % 4 === 0 ? asked : `${asked.toUpperCase()} thanks`),
    ],
  ] as const)
    it(`stand on one side of the split alone, ${name}; each row that gives way is accounted for`, async () => {
      const dataset = await build(rowsOf(shared));
      const { counts } = dataset.manifest;
      const validated = await questions(dataset, 'validation.jsonl');
      expect(validated.filter((question) => /harbour office/i.test(question))).to.deep.equal([]);
      expect(validated.length).to.equal(counts.validation).and.be.above(8);
      const trained = await questions(dataset, 'train.jsonl');
      expect(trained.filter((question) => /harbour office/i.test(question)).length).to.be.above(150);
      const letters = await linesOf<{ reason: string; row: number; detail: string }>(dataset, 'dead-letters.jsonl');
      const away = letters.filter(({ reason }) => reason === 'trainedQuestion');
      expect(away.length).to.equal(counts.deadLettered['trainedQuestion']).and.be.above(8);
      expect(away[0]!.detail).to.match(/^asks nearly the same as row \d+, which is trained on$/);
      expect(counts.train + counts.validation + letters.length).to.equal(400);
    });

  it('do not come back into training by replay', async () => {
    const once = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, index) =>
        ticket({ number: from + index, question: ownQuestion(from + index), answer: answerOf(from + index) }),
      );
    const first = await build(once(0, 300));
    const trainedBefore = await questions(first, 'train.jsonl');
    // The same questions from other customers with other answers: some that trained before validate now.
    const later = Array.from({ length: 300 }, (_, index) =>
      ticket({ number: 1000 + index, question: ownQuestion(index), answer: answerOf(1000 + index) }),
    );
    const second = await build(later, { share: '40%', from: [{ dataset: 'previous' }] });
    const validated = new Set(await questions(second, 'validation.jsonl'));
    expect(trainedBefore.filter((question) => validated.has(question)).length).to.be.above(10);
    expect(second.manifest.counts.replayed).to.be.above(50);
    const trained = await questions(second, 'train.jsonl');
    expect(trained.filter((question) => validated.has(question))).to.deep.equal([]);
  });

  it('refuses a set in which every row that was to validate asks what is trained on, and says why', async () => {
    const rows = Array.from({ length: 100 }, (_, number) =>
      ticket({ number, question: asked, answer: answerOf(number) }),
    );
    const outcome = await build(rows).then(
      () => 'published',
      (error: unknown) => String(error),
    );
    expect(outcome).to.match(/all \d+ rows that were to validate ask what training rows ask; \d+ rows are left/);
  });
});
