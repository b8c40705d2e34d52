import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAnswerActivities } from '../../../src/activities/answers.js';
import { createEvaluationActivities } from '../../../src/activities/evaluation.js';
import type { OpenEmbedder } from '../../../src/activities/embedder-port.js';
import { evidenceSchema, type Evidence } from '../../../src/activities/evidence-file.js';
import type { ChatModel, ModelRegistry } from '../../../src/activities/ports.js';
import { loadJson, loadJsonLines } from '../../../src/activities/stored-json.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import type { DecideEvaluationInput, GenerateAnswersInput, Part } from '../../../src/contracts/evaluation.js';
import type { EvaluationResult } from '../../../src/contracts/release.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import type { GoldenCase } from '../../../src/domain/dataset/golden.js';
import { answerSchema, type Answer } from '../../../src/domain/evaluation/answer.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';

/** What a model says to a question; `release` is whose it is. */
type Says = (input: { release: string; question: string }) => string;

const lines = (all: readonly unknown[]): Buffer => Buffer.from(all.map((one) => `${JSON.stringify(one)}\n`).join(''));

/** A golden set and a specification in a store, models that answer as a test says, and the workflow's steps over them. */
export async function evaluationWorld({
  cases,
  evaluation,
  says,
  registry = null,
  openEmbedder = null,
}: {
  cases: readonly GoldenCase[];
  evaluation: Record<string, unknown>;
  says: Says;
  registry?: ModelRegistry | null;
  openEmbedder?: OpenEmbedder | null;
}) {
  const root = await mkdtemp(join(tmpdir(), 'understudy-evaluation-'));
  const store = new DirectoryStore({ root });
  const asked: { release: string; question: string }[] = [];
  const chat: ChatModel = {
    complete: async ({ model, messages }) => {
      const one = { release: model, question: messages.at(-1)!.content };
      asked.push(one);
      const spread = one.question.length % 5;
      return { text: says(one), promptTokens: 100, completionTokens: 48 + spread, milliseconds: 5 + spread };
    },
  };
  const { spec, problems } = parseModelSpec({
    ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'base' } },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
    evaluation: { preset: 'support-deterministic', ...evaluation },
  });
  if (!spec) throw new Error(JSON.stringify(problems));
  const golden = await store.put({ key: 'golden/m/v1.jsonl', body: lines(cases) });
  const specification = await store.put({
    key: 'specs/m/1.json',
    body: Buffer.from(
      canonicalJson({
        ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref: golden } },
        prompt: { system: null, template: '{query}', maxTokens: 32, temperature: 0 },
        ...{ promptDigest: 'p', overlays: [] },
      }),
    ),
  });
  const common = { releaseId: 'm-r2', model: 'm', specification };
  const activities = {
    ...createAnswerActivities({ store, chat }),
    ...createEvaluationActivities({ store, audit: new StoreAudit({ store }), registry, openEmbedder }),
  };
  const run = async <Input, Output>(activity: (input: Input) => Promise<Output>, input: Input): Promise<Output> =>
    await new MockActivityEnvironment().run((given: Input) => activity(given), input);
  const answers = async (releaseId: string, how: Pick<GenerateAnswersInput, 'probes' | 'part'> = {}) =>
    await run(activities.generateAnswers, {
      ...common,
      target: { releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, specification },
      ...how,
    });

  /** What is decided on, for one part, with both arms asked as the opening says. */
  async function decision({ champion, part }: { champion: boolean; part?: Part }): Promise<DecideEvaluationInput> {
    const { probes } = await run(activities.openEvaluation, { ...common, champion: champion ? 'm-r1' : null });
    const how = part ? { part } : {};
    const probed = async (releaseId: string, ref: ArtifactRef | null) =>
      ref && { probes: ref, answers: await answers(releaseId, { ...how, probes: ref }) };
    const table = golden;
    return {
      ...{ ...common, ...how, attempt: 1, champion: champion ? 'm-r1' : null },
      championAnswers: champion ? await answers('m-r1', how) : null,
      challengerAnswers: await answers('m-r2', how),
      probed: {
        champion: champion ? await probed('m-r1', probes.champion) : null,
        challenger: await probed('m-r2', probes.challenger),
      },
      dataset: {
        ...{ name: 'm', digest: 'd', read: 1, rows: 1, deadLettered: {} },
        ...{ train: table, validation: table, manifest: table, table },
      },
    };
  }

  return {
    ...{ store, spec: spec.evaluation, asked, activities, common, run, answers, decision },
    evidenceOf: async ({ evidence }: EvaluationResult): Promise<Evidence> =>
      await loadJson({ store, ref: evidence!, schema: evidenceSchema }),
    answersIn: (ref: ArtifactRef): Promise<Answer[]> => loadJsonLines({ store, ref, schema: answerSchema }),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
export type EvaluationWorld = Awaited<ReturnType<typeof evaluationWorld>>;
