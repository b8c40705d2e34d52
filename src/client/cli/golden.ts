import { access, readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { freezeGoldenVersion, readGoldenVersion } from '../../activities/golden-versions.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { openStore } from '../../adapters/open-store.js';
import { diffGolden } from '../../domain/dataset/golden-versions.js';
import { parseGoldenSet, type GoldenCase } from '../../domain/dataset/golden.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { asResult } from './data/dataset-context.js';

interface GoldenOptions {
  name?: string;
  version?: string;
  parent?: string;
}

interface GoldenBytes {
  version: string;
  sha256: string;
  body: Uint8Array;
  parent: string | null;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const storeOf = (context: CommandContext): ArtifactStore => openStore({ location: context.settings().store });

/** A golden set by file, or by a frozen version of `--name`. */
async function readSet({
  given,
  name,
  context,
}: {
  given: string;
  name: string | undefined;
  context: CommandContext;
}): Promise<GoldenBytes> {
  if (await isThere(given)) {
    const body = await readFile(given);
    return { version: basename(given, extname(given)), sha256: sha256Hex(body), body, parent: null };
  }
  if (name === undefined)
    throw new CannotRun(`${given} is no file; to look at a frozen version add --name <golden set>`);
  const { record, body } = await readGoldenVersion({ store: storeOf(context), name, version: given });
  return { version: given, sha256: record.sha256, body, parent: record.parent?.version ?? null };
}

const casesOf = ({ body, version }: GoldenBytes): GoldenCase[] => {
  const { cases, problems } = parseGoldenSet({ text: Buffer.from(body).toString('utf8'), now: null });
  const [first] = problems;
  if (first) throw new CannotRun(`golden set ${version}: line ${first.line}, ${first.field}: ${first.expected}`);
  return cases;
};

const addFreeze = (golden: Command, context: CommandContext): Command =>
  verb<GoldenOptions & { name: string }>({
    command: golden
      .command('freeze')
      .description('freeze a file of cases as a version that never changes')
      .argument('<file>', 'JSON lines of cases')
      .requiredOption('--name <name>', 'the golden set, named as its model')
      .option('--version <version>', 'the name of the file without')
      .option('--parent <version>', 'the version it was made from; the newest without'),
    context,
    run: ({ arguments: [file = ''], options: { name, version, parent } }) =>
      asResult(context, async () => {
        const body = await readFile(file).catch((error: unknown) => {
          throw new CannotRun(`${file} can't be read: ${(error as Error).message}`);
        });
        const text = body.toString('utf8');
        const { warnings } = parseGoldenSet({ text, now: new Date().toISOString() });
        const { record, created } = await freezeGoldenVersion({
          ...{ store: storeOf(context), name, body },
          ...{ version: version ?? basename(file, extname(file)), parent: parent ?? null },
        });
        warnings.forEach((warning) => context.say(`warning: ${warning}`));
        const after = record.parent === null ? '' : `, after ${record.parent.version}`;
        return {
          code: 0,
          data: { ...record, created, warnings },
          text: `${name} ${record.version}: ${record.cases} cases${after}, SHA-256 ${record.sha256}${created ? '' : ' (frozen before)'}`,
        };
      }),
  });

const addVerify = (golden: Command, context: CommandContext): Command =>
  verb<GoldenOptions>({
    command: golden
      .command('verify')
      .description('check a golden set: its digest, its cases, how old they are; exit 1 where it must not be used')
      .argument('<set>', 'a file, or a frozen version of --name')
      .option('--name <name>', 'the golden set, named as its model'),
    context,
    run: ({ arguments: [given = ''], options: { name } }) =>
      asResult(context, async () => {
        const { version, sha256, body, parent } = await readSet({ given, name, context });
        const text = Buffer.from(body).toString('utf8');
        const { cases, problems, warnings } = parseGoldenSet({ text, now: new Date().toISOString() });
        const told = [
          ...problems.map(({ line, field, expected }) => `line ${line}, ${field}: expected ${expected}`),
          ...warnings.map((warning) => `warning: ${warning}`),
        ];
        return {
          code: problems.length === 0 ? 0 : 1,
          data: { version, sha256, parent, cases: cases.length, problems, warnings },
          text: [`${version}: ${cases.length} cases, SHA-256 ${sha256}`, ...told].join('\n'),
        };
      }),
  });

const addDiff = (golden: Command, context: CommandContext): Command =>
  verb<GoldenOptions>({
    command: golden
      .command('diff')
      .description('list the cases that one golden set adds to another, drops and changes')
      .argument('<from>', 'a file, or a frozen version of --name')
      .argument('<to>', 'a file, or a frozen version of --name')
      .option('--name <name>', 'the golden set, named as its model'),
    context,
    run: ({ arguments: [from = '', to = ''], options: { name } }) =>
      asResult(context, async () => {
        const [before, after] = [
          await readSet({ given: from, name, context }),
          await readSet({ given: to, name, context }),
        ];
        const difference = diffGolden({ from: casesOf(before), to: casesOf(after) });
        const { added, removed, changed, unchanged } = difference;
        const line = (what: string, ids: readonly string[]): string =>
          `${what} ${ids.length}: ${ids.join(', ') || '-'}`;
        return {
          code: 0,
          data: { from: before.version, to: after.version, ...difference },
          text: [
            line('added', added),
            line('removed', removed),
            line('changed', changed),
            `unchanged ${unchanged}`,
          ].join('\n'),
        };
      }),
  });

/** `golden …`: freezes, checks and compares golden sets. */
export function addGolden(program: Command, context: CommandContext): Command {
  const golden = program.command('golden').description('freeze, check and compare golden sets');
  addFreeze(golden, context);
  addVerify(golden, context);
  addDiff(golden, context);
  return golden;
}
