import { readFile, writeFile } from 'node:fs/promises';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import type { RetrievalStep } from '../../activities/retrieval/retrieve.js';
import { formatNumber } from '../../domain/statistics/format.js';
import type { TunedWay } from '../retrieval/tune.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { addIndexSnapshots } from './index-snapshots.js';
import { wholeNumberBetween } from './number-option.js';
import { addRenewIndex } from './renew-index.js';
import { openPlace, withSpec, type SpecOptions } from './spec-options.js';

interface RetrieveOptions extends SpecOptions {
  index?: string;
  filters?: string;
  topK?: number;
  explain?: boolean;
}

/** `index`: brings the documents of a spec into its index, from this process. */
export function addIndex(program: Command, context: CommandContext): void {
  verb<SpecOptions>({
    command: withSpec(program.command('index').description('bring the index of a spec up to date with its documents')),
    context,
    run: async ({ options }) => {
      const place = await openPlace(context, options);
      const { runIndex } = await import('../retrieval/run-index.js');
      const result = await runIndex({ place, specification: place.specification.ref, say: context.say });
      const { version, switched, documents, changed, removed, deadLetters, check } = result;
      const checked = check ? `, ${check.chunks} chunks, recall ${formatNumber(check.recall)}` : '';
      const text = switched
        ? `${place.settings.index} is ${version}: ${documents} documents (${changed} changed, ${removed} removed, ${deadLetters} dead letters)${checked}`
        : `${place.settings.index} is ${version} already: ${documents} documents, none changed`;
      return { code: 0, data: result, text };
    },
  });
}

const nameOf = (step: RetrievalStep, id: string): string => {
  const at = step.chunks.findIndex((one) => one.id === id);
  return at === -1 ? '-' : `${at + 1} (${formatNumber(step.chunks[at]!.score)})`;
};

/** `retrieve` and `retrieval tune`: what a question finds and why, and which way of finding is best. */
export function addRetrieval(program: Command, context: CommandContext): void {
  verb<RetrieveOptions>({
    command: withSpec(
      program
        .command('retrieve')
        .description('show what the index of a spec holds on a question')
        .argument('<question>')
        .option('--index <version>', 'a version; the one in use without')
        .option('--filters <json>', 'such as {"language":"de"}')
        .option('--top-k <count>', "the spec's without", wholeNumberBetween(1, 100))
        .option('--explain', 'show place and score of every chunk at every step'),
    ),
    context,
    run: async ({ arguments: [question = ''], options }) => {
      const { settings, embedder, chunks, helpers } = await openPlace(context, options);
      const { retrieve } = await import('../../activities/retrieval/retrieve.js');
      const { parseFilters } = await import('../../domain/retrieval/filters.js');
      const { filter, problems } = parseFilters({ filters: filtersOf(options.filters), fields: settings.fields });
      if (!filter) throw new CannotRun(problems.join('\n'));
      const asked = { ...settings, topK: options.topK ?? settings.topK };
      const collection = options.index ?? settings.index;
      const {
        found,
        steps,
        context: prompt,
        leftOut,
      } = await retrieve({
        ...{ question, collection, settings: asked, filter, embedder, chunks, helpers },
      });
      for (const line of leftOut) context.say(`left out: ${line}`);
      const data = {
        found: found.map(({ chunk, score }) => ({ ...chunk, score })),
        context: prompt,
        ...(options.explain && { steps, leftOut }),
      };
      if (found.length === 0) return { code: 1, data, text: 'nothing found' };
      const names = options.explain ? steps.map(({ step }) => step) : [];
      const table = new Table({
        head: ['document', 'text', ...names],
        style: { head: [], border: [] },
        wordWrap: true,
      });
      for (const { chunk } of found) {
        const { document, start, end, text, id } = chunk;
        table.push([
          `${document}:${start}-${end}`,
          text.slice(0, 200),
          ...(options.explain ? steps : []).map((step) => nameOf(step, id)),
        ]);
      }
      return { code: 0, data, text: table.toString() };
    },
  });
  const retrieval = program.command('retrieval').description('look after how facts are found');
  addIndexSnapshots({ retrieval, context });
  addRenewIndex({ retrieval, context });
  verb<SpecOptions & { write?: boolean }>({
    command: withSpec(
      retrieval
        .command('tune')
        .description('compare chunkers, fusion and depth on the golden set')
        .option('--write', 'write the winner into the spec file'),
    ),
    context,
    run: async ({ options }) => {
      const place = await openPlace(context, options);
      const { relevant, total } = labelled(place.specification.cases);
      if (relevant.length < 20)
        throw new CannotRun(
          `${relevant.length} of ${total} golden cases name their relevantDocuments; 20 are the least that tell ways apart`,
        );
      const { tune } = await import('../retrieval/tune.js');
      const tuned = await tune({ place, questions: relevant, say: context.say });
      const winner = tuned.ways[tuned.winner]!;
      if (options.write) await writeWinner({ file: options.spec, winner });
      return { code: 0, data: tuned, text: tableOf(tuned.ways, tuned.winner) };
    },
  });
}

function labelled<Case extends { relevantDocuments?: string[] | undefined }>(cases: readonly Case[]) {
  return { relevant: cases.filter(({ relevantDocuments = [] }) => relevantDocuments.length > 0), total: cases.length };
}

function filtersOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Not JSON at all: said below, in the same words.
  }
  throw new CannotRun(`--filters is ${text}: expected a JSON object such as {"language":"de"}`);
}

/** Comments and everything else in the file stay as they are. */
async function writeWinner({ file, winner: { chunk, mode, topK } }: { file: string; winner: TunedWay }): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  document.setIn(['retrieval', 'chunk'], document.createNode(chunk, { flow: true }));
  document.setIn(['retrieval', 'mode'], mode);
  document.setIn(['retrieval', 'topK'], topK);
  await writeFile(file, document.toString({ lineWidth: 0 }));
}

function tableOf(ways: readonly TunedWay[], winner: number): string {
  const head = ['', 'chunks', 'mode', 'top k', 'nDCG@5', 'MRR', 'recall', 'nDCG beside the spec, 95 %', 'p, Holm'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [index, { chunk, mode, topK, ndcg, mrr, recall, difference }] of ways.entries()) {
    const { kind, size, overlap, unit } = chunk;
    const bound = (value: number | null): string => (value === null ? '?' : formatNumber(value));
    const beside = difference
      ? `${formatNumber(difference.mean)} (${bound(difference.low)} to ${bound(difference.high)})`
      : 'as the spec is now';
    const figures = [ndcg, mrr, recall].map(formatNumber);
    const pValue = difference ? formatNumber(difference.pValue) : '';
    table.push([
      index === winner ? 'winner' : '',
      `${kind} ${size}/${overlap} ${unit}`,
      mode,
      topK,
      ...figures,
      ...[beside, pValue],
    ]);
  }
  return table.toString();
}
