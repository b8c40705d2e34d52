import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startScriptedUpstream } from '../../../support/scripted-upstream.js';
import { runLine } from '../run-line.js';

export interface WorldCase {
  id: string;
  input: string;
  reference: string;
  cluster: string;
  tags: { category: string; language: string };
}

/** A folder with a spec, a golden set of 60 cases in 30 clusters, and a model server; the command runs in this process. */
export async function evaluateWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-cli-evaluate-'));
  const upstream = await startScriptedUpstream();
  const cases = Array.from({ length: 60 }, (_, index): WorldCase => ({
    id: `g${index}`,
    input: `Where is parcel number ${index}?`,
    reference: `Parcel number ${index} is in the depot of city ${index % 30} today`,
    cluster: `customer-${index % 30}`,
    tags: { category: index % 2 ? 'tracking' : 'delay', language: 'en' },
  }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): Promise<void> => writeFile(path(name), text);
  const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

  const specify = (evaluation: Record<string, unknown> = {}): Promise<void> =>
    write(
      'spec.yaml',
      stringify({
        ...{ apiVersion: 'understudy/v1', model: 'desk', base: { id: 'base' } },
        data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'none.csv' }, goldenSet: 'v1.jsonl' },
        // What evaluation has nothing to do with may be of a later version.
        rollout: { load: { expectedPeak: '20/s', factor: 1.5, minimumSuccess: '99%' } },
        evaluation: { preset: 'support-deterministic', ...evaluation },
      }),
    );

  const answers = (name: string, answer: (one: WorldCase, index: number) => string | null): Promise<void> =>
    write(name, lines(cases.map((one, index) => ({ id: one.id, answer: answer(one, index) }))));

  /** Answers as the golden set has it to all but one in `every`, which gets words that do not help. */
  const mostly =
    (every: number, from = 0) =>
    (one: WorldCase, index: number) =>
      index % every === from ? 'Sorry, nobody here knows that' : one.reference;

  const run = (...line: string[]) => runIn({}, ...line);
  const runIn = (environment: Record<string, string>, ...line: string[]) =>
    runLine(line, { UNDERSTUDY_HOME: path('home'), ...environment });
  const evaluate = (...more: string[]) => run('evaluate', '--spec', path('spec.yaml'), ...more);

  await write('v1.jsonl', lines(cases));
  await specify();
  return {
    ...{ folder, upstream, cases, path, write, lines, specify, answers, mostly, run, runIn, evaluate },
    close: async () => {
      await upstream.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type EvaluateWorld = Awaited<ReturnType<typeof evaluateWorld>>;
