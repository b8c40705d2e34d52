import { access, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { overlayDocuments, parseModelSpec, type ModelSpec, type SpecProblem } from '../../domain/spec/model-spec.js';
import { unsupportedParts } from '../../domain/spec/unsupported.js';
import { readPromptFile } from '../prompt-file.js';
import { CannotRun } from './command-context.js';

/** A problem with the place in the file that a person has to change; line and column count from 1. */
export interface LocatedProblem extends SpecProblem {
  file: string;
  line: number;
  column: number;
  /** The line itself. */
  source: string;
}

interface SpecFile {
  file: string;
  text: string;
  document: Document.Parsed;
  lines: LineCounter;
}

async function readSpecFile(file: string): Promise<SpecFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CannotRun(`${file}: can't be read (${(error as Error).message}); name a spec file that is there`);
  });
  const lines = new LineCounter();
  return { file, text, document: parseDocument(text, { lineCounter: lines }), lines };
}

/** The document as plain values. Aliases that refer to aliases can make a short file fill the memory. */
function plainOf({ file, document }: SpecFile): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new CannotRun(`${file}: ${(error as Error).message}; write out what its aliases stand for`);
  }
}

/** The node that a problem points at, and how much of its path was found. */
function find(document: Document.Parsed, path: readonly string[]): { node: Node | null; depth: number } {
  let node: Node | null = document.contents;
  let depth = 0;
  for (const key of path) {
    let next: unknown = null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      // The key where a value is missing or the key itself is wrong, since that is where a person looks.
      next = isNode(pair?.value) && !(isScalar(pair.value) && pair.value.value === null) ? pair.value : pair?.key;
    } else if (node !== null && 'items' in node) next = node.items[Number(key)];
    if (!isNode(next)) break;
    node = next;
    depth += 1;
  }
  return { node, depth };
}

/** The last file that says something about the path decides, as it does when overlays are laid over each other. */
function locate(problem: SpecProblem, files: readonly SpecFile[]): LocatedProblem {
  const path = problem.path === '(document)' ? [] : problem.path.split('.');
  const found = files.map((one) => ({ one, ...find(one.document, path) }));
  const best = found.reduce((before, next) => (next.depth >= before.depth && next.depth > 0 ? next : before));
  const { line, col } = best.one.lines.linePos(best.node?.range?.[0] ?? 0);
  return { ...problem, ...place(best.one, line, col) };
}

const place = ({ file, text }: SpecFile, line: number, column: number) => ({
  file,
  line: Math.max(1, line),
  column: Math.max(1, column),
  source: text.split('\n')[Math.max(1, line) - 1] ?? '',
});

async function missingFiles(spec: ModelSpec, folder: string): Promise<SpecProblem[]> {
  const named: [string, string | null][] = [
    ['data.source.uri', 'uri' in spec.data.source ? spec.data.source.uri : null],
    ['batch.source.uri', spec.batch?.source.uri ?? null],
    ['data.goldenSet', spec.data.goldenSet],
    ['prompt', spec.prompt],
    ['training.preferences.file', spec.training.preferences?.file ?? null],
  ];
  const problems = named.map(async ([path, value]): Promise<SpecProblem[]> => {
    if (value === null || /^[a-z0-9]+:\/\//.test(value)) return [];
    const file = isAbsolute(value) ? value : resolve(folder, value);
    return access(file).then(
      () => [],
      () => [{ path, value, expected: `a file that is there; looked for ${file}` }],
    );
  });
  return (await Promise.all(problems)).flat();
}

/** What is wrong within the prompt that a spec names; nothing where there is no such file, which is told already. */
async function promptProblems(spec: ModelSpec, folder: string): Promise<SpecProblem[]> {
  if (spec.prompt === null || /^[a-z0-9]+:\/\//.test(spec.prompt)) return [];
  const path = isAbsolute(spec.prompt) ? spec.prompt : resolve(folder, spec.prompt);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  return there ? (await readPromptFile({ path })).problems : [];
}

/**
 * Checks a spec file with its overlays, all at once: YAML, fields, parts this version lacks, files that it names.
 * Rejects only when a file can't be read.
 */
export async function checkSpecFiles({
  files,
  more = () => [],
}: {
  /** The spec, then its overlays. */
  files: readonly string[];
  /** What else is wrong with a spec that can be read. */
  more?: (spec: ModelSpec) => SpecProblem[];
}): Promise<{ spec: ModelSpec | null; problems: LocatedProblem[] }> {
  const read = await Promise.all(files.map(readSpecFile));
  const syntax = read.flatMap((one) =>
    one.document.errors.map((error) => {
      const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
      const expected = `YAML; ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`;
      const { source, ...where } = place(one, line, col);
      return { path: '(document)', value: source.trim(), expected, source, ...where };
    }),
  );
  if (syntax.length > 0) return { spec: null, problems: syntax };
  const { spec, problems } = parseModelSpec(overlayDocuments(read.map(plainOf)));
  const folder = dirname(resolve(files[0]!));
  const all =
    spec === null
      ? problems
      : [
          ...unsupportedParts(spec),
          ...(await missingFiles(spec, folder)),
          ...(await promptProblems(spec, folder)),
          ...more(spec),
        ];
  return { spec, problems: all.map((problem) => locate(problem, read)) };
}
