import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { readCalibrations } from '../activities/judging/calibration-file.js';
import type { ArtifactStore } from '../activities/ports.js';
import { storeKeys } from '../contracts/store-keys.js';
import { digestOf, sha256Hex } from '../domain/release/evidence.js';
import { defaultPrompt } from '../domain/release/prompt.js';
import { overlayDocuments, parseModelSpec, type ModelSpec, type SpecProblem } from '../domain/spec/model-spec.js';
import type { Specification } from '../domain/spec/specification.js';
import { unsupportedParts } from '../domain/spec/unsupported.js';
import { readPreferenceFile } from './preference-file.js';
import { readPromptFile } from './prompt-file.js';

/** A spec that can't be applied, with every problem. */
export class SpecificationRefused extends Error {
  override readonly name = 'SpecificationRefused';
  constructor(readonly problems: SpecProblem[]) {
    super(problems.map((one) => `${one.path}: ${JSON.stringify(one.value)} (${one.expected})`).join('\n'));
  }
}

const isUri = (text: string): boolean => /^[a-z0-9]+:\/\//.test(text);

async function readRequired({ path, field }: { path: string; field: string }): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new SpecificationRefused([
      { path: field, value: path, expected: `a readable file; ${(error as Error).message}` },
    ]);
  }
}

async function readDocument(file: string): Promise<unknown> {
  const text = (await readRequired({ path: file, field: '(document)' })).toString('utf8');
  try {
    return parse(text);
  } catch (error) {
    const expected = `YAML that can be read; ${(error as Error).message}`;
    throw new SpecificationRefused([{ path: '(document)', value: file, expected }]);
  }
}

/** What a spec file and its overlays say, with the golden set's bytes beside it; nothing is written yet. */
export interface ReadSpecification {
  specification: Omit<Specification, 'golden'>;
  golden: { name: string; version: string; body: Buffer };
  /** What `evaluation.judge.calibration` names; null where it names nothing. */
  calibration: Buffer | null;
  /** What `training.preferences` names; null where it names nothing. */
  preferences: Buffer | null;
}

/**
 * Reads a spec file, lays overlay files or documents over it and reads the files it names, relative to the spec's
 * folder. Throws `SpecificationRefused` with every problem.
 */
export async function readSpecificationFile({
  path,
  overlays = [],
  unsupportedOf = unsupportedParts,
}: {
  path: string;
  overlays?: (string | { name: string; document: unknown })[];
  /** What is asked for and can't be carried out; a command that uses a part of the spec looks at that part alone. */
  unsupportedOf?: (spec: ModelSpec) => SpecProblem[];
}): Promise<ReadSpecification> {
  const folder = dirname(resolve(path));
  const documents: unknown[] = [];
  for (const file of [path, ...overlays]) {
    if (typeof file !== 'string') documents.push(file.document);
    else documents.push(await readDocument(file));
  }
  const { spec, problems } = parseModelSpec(overlayDocuments(documents));
  if (!spec) throw new SpecificationRefused(problems);
  const unsupported = unsupportedOf(spec);
  if (unsupported.length > 0) throw new SpecificationRefused(unsupported);

  const absolute = (file: string): string => (isAbsolute(file) || isUri(file) ? file : resolve(folder, file));
  const named = spec.prompt === null ? null : await readPromptFile({ path: absolute(spec.prompt) });
  if (named?.prompt === null) throw new SpecificationRefused(named.problems);
  const prompt = { ...(named?.prompt ?? defaultPrompt) };
  if (spec.batch !== null) prompt.reply ??= 'summary';
  requireContext({ spec, template: prompt.template });
  const source = { ...spec.data.source, uri: absolute(spec.data.source.uri) };
  const batch = spec.batch && {
    ...spec.batch,
    source: { ...spec.batch.source, uri: absolute(spec.batch.source.uri) },
  };
  const retrieval = spec.retrieval && {
    ...spec.retrieval,
    source: spec.retrieval.source && { ...spec.retrieval.source, uri: absolute(spec.retrieval.source.uri) },
  };
  const version = basename(spec.data.goldenSet, extname(spec.data.goldenSet));
  const body = await readRequired({ path: absolute(spec.data.goldenSet), field: 'data.goldenSet' });
  const preferences = await readPreferenceFile({
    spec,
    path: spec.training.preferences && absolute(spec.training.preferences.file),
    golden: body,
  });
  if (preferences.problems.length > 0) throw new SpecificationRefused(preferences.problems);
  return {
    preferences: preferences.body,
    calibration: await readCalibrationFile({ spec, absolute }),
    specification: {
      version: 1,
      spec: { ...spec, batch, retrieval, data: { ...spec.data, source } },
      prompt,
      promptDigest: digestOf(prompt),
      overlays: overlays.map((one) => (typeof one === 'string' ? basename(one) : one.name)),
    },
    golden: { name: spec.model, version, body },
  };
}

/** A prompt and a retrieval that do not speak of the same thing: facts that are found and never shown, or the reverse. */
function requireContext({ spec: { retrieval }, template }: { spec: ModelSpec; template: string }): void {
  const holds = template.includes('{context}');
  const expected = {
    prompt: 'a template that contains {context}, where retrieval puts what it finds; or retrieval: null',
    citations: 'a template without {context}: with retrieval.grounding citations the model is shown nothing',
  };
  if (!retrieval || holds === (retrieval.grounding === 'prompt')) return;
  throw new SpecificationRefused([{ path: 'prompt', value: template, expected: expected[retrieval.grounding] }]);
}

async function readCalibrationFile({
  spec,
  absolute,
}: {
  spec: ModelSpec;
  absolute: (file: string) => string;
}): Promise<Buffer | null> {
  const file = spec.evaluation.judge?.calibration ?? null;
  if (file === null) return null;
  const field = 'evaluation.judge.calibration';
  const body = await readRequired({ path: absolute(file), field });
  try {
    readCalibrations({ name: basename(file), body });
  } catch (error) {
    const expected = `a file that "understudy judge calibrate --out" wrote; ${(error as Error).message}`;
    throw new SpecificationRefused([{ path: field, value: file, expected }]);
  }
  return body;
}

/** Lays a spec's calibrations into the store, where evaluations read them; nothing where it names none. */
export async function keepCalibration({
  store,
  calibration,
}: {
  store: Pick<ArtifactStore, 'putIfAbsent'>;
  calibration: Buffer | null;
}): Promise<Pick<Specification, 'judgeCalibration'>> {
  if (calibration === null) return {};
  const key = storeKeys.judgeCalibrations({ sha256: sha256Hex(calibration) });
  return { judgeCalibration: (await store.putIfAbsent({ key, body: calibration })).ref };
}
