import type { ReleaseRecord } from '../../../src/domain/release/release-record.js';
import type { Verdict } from '../../../src/domain/release/verdict.js';
import type { ReportInput } from '../../../src/domain/report/report-input.js';
import { at, curve, looks, numbers } from './sample-evidence.js';

const sha256 = (character: string): string => character.repeat(64);
const ref = (key: string, character: string) => ({
  uri: `store://${key}`,
  sha256: sha256(character),
  bytes: 9_841_152,
});
const scores = ({ seed, exact, spread }: { seed: number; exact: number; spread: number }): number[] => {
  const draws = numbers({ count: 240, seed });
  return Array.from({ length: 120 }, (_, index) =>
    draws[index]! < exact ? 1 : Math.min(1, Math.max(0, Math.sqrt(draws[index + 120]!) * spread)),
  );
};

export const verdicts: Verdict[] = [
  {
    gate: 'tokenF1 lower bound',
    verdict: 'pass',
    reason: 'lower bound 0.7512 >= 0.65',
    value: 0.7905,
    bound: 0.7512,
    limit: 0.65,
    n: 120,
    seed: 1,
    evidence: null,
  },
  {
    gate: 'tokenF1 superior to the champion',
    verdict: 'pass',
    reason: 'lower bound of the difference 0.1021 > 0.0324, 5 % of 0.6471',
    value: 0.1433,
    bound: 0.1021,
    limit: 0.0324,
    n: 120,
    seed: 1,
    evidence: null,
  },
  {
    gate: 'answerLength',
    verdict: 'inconclusive',
    reason: 'upper bound 61.2 tokens > 60 tokens',
    value: 54.8,
    bound: 61.2,
    limit: 60,
    n: 120,
    evidence: null,
  },
  {
    gate: 'faithfulness',
    verdict: 'unmeasured',
    reason: 'no judge is configured',
    value: null,
    bound: null,
    limit: 0.9,
    n: 0,
    evidence: null,
  },
];

export const record: ReleaseRecord = {
  version: 1,
  model: 'support-assistant',
  releaseId: 'support-assistant-r2',
  kind: 'training',
  trigger: 'person',
  requestedBy: ['mira@courier.example'],
  outcome: 'promoted',
  stage: 'ended',
  reasons: ['tokenF1 0.7905 against 0.6471, and no guard failed in 4 minutes of canary'],
  withdrawnAt: null,
  startedAt: at(0),
  endedAt: at(812),
  seconds: 812,
  champion: 'support-assistant-r1',
  specification: ref('specs/support-assistant/one.json', 'a'),
  overlays: ['understudy.embedded.yaml'],
  codeCommit: '6157d0e1c2b3a4958677',
  dataset: {
    name: 'support-assistant',
    digest: sha256('b'),
    read: 612,
    rows: 541,
    deadLettered: { unresolved: 48, shortQuestion: 9, duplicate: 14 },
    manifest: ref('datasets/support-assistant/bbb/manifest.json', 'c'),
  },
  golden: { name: 'support-desk', version: 'v2', ref: ref('golden/support-desk/v2.jsonl', 'd') },
  base: { id: 'HuggingFaceTB/SmolLM2-135M-Instruct', revision: null },
  adapter: ref('releases/support-assistant-r2/adapter/manifest.json', 'e'),
  training: {
    jobName: 'support-assistant-r2-train',
    parameters: { method: 'lora', rank: 16, alpha: 32, dropout: 0.05, learningRate: 0.0002, maxSteps: 120 },
    metrics: { loss: 0.4127, validationLoss: 0.5533 },
    rows: 487,
    truncatedRows: 0,
    seconds: 274.4,
  },
  promptDigest: sha256('f'),
  indexVersion: null,
  embeddingModel: null,
  serving: {
    endpoint: 'http://127.0.0.1:8000/v1',
    liveEndpoint: 'http://127.0.0.1:8001/v1',
    adapter: 'support-assistant-r2',
    settings: { maxModelLength: '512' },
  },
  tracking: { runId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0', modelVersion: '2' },
  evaluation: { verdict: 'pass', evidence: ref('releases/support-assistant-r2/evaluation/evidence.json', '1') },
  evidenceDigest: sha256('2'),
  verdicts: verdicts.slice(0, 2),
  approvals: [
    {
      by: 'jonas@courier.example',
      decision: 'approve',
      evidenceDigest: sha256('2'),
      reason: 'better in every large category',
      at: at(430),
      channel: 'update',
    },
  ],
  costUsd: { training: 0.0312, evaluation: 0.0041 },
  timeline: [
    { at: at(0), event: 'asked for by mira@courier.example', stage: 'opening' },
    { at: at(2), event: '612 rows are read', stage: 'data' },
    { at: at(6), event: 'training on 487 rows', stage: 'training' },
    { at: at(281), event: 'asking 120 golden cases', stage: 'evaluation' },
    { at: at(388), event: 'loading the adapter', stage: 'deploy' },
    { at: at(390), event: '2 smoke questions', stage: 'smoke' },
    { at: at(393), event: 'waiting for 1 approval', stage: 'approval' },
    { at: at(430), event: 'approved by jonas@courier.example', stage: null },
    { at: at(431), event: 'canary at 5 %', stage: 'canary' },
    { at: at(560), event: 'canary at 25 %', stage: null },
    { at: at(700), event: 'promoted', stage: 'promote' },
    { at: at(702), event: 'holdback of 5 %', stage: 'bake' },
    { at: at(806), event: 'support-assistant-r1 retired', stage: 'retire' },
    { at: at(810), event: 'writing the record', stage: 'recording' },
    { at: at(812), event: 'ended', stage: 'ended' },
  ],
};

const challenger = scores({ seed: 3, exact: 0.44, spread: 0.82 });
const champion = scores({ seed: 3, exact: 0.3, spread: 0.66 }).map((score, index) =>
  index % 9 === 0 ? Math.min(1, score + 0.3) : score,
);

export const promoted: ReportInput = {
  record,
  evaluation: {
    metrics: [
      { metric: 'tokenF1', challenger, champion, baseline: scores({ seed: 29, exact: 0.05, spread: 0.62 }) },
      {
        metric: 'exactMatch',
        challenger: challenger.map((score) => Number(score === 1)),
        champion: champion.map((score) => Number(score === 1)),
        baseline: null,
      },
    ],
    slices: [
      { slice: 'category=tracking', metric: 'tokenF1', n: 31, difference: 0.21, low: 0.11, high: 0.31 },
      { slice: 'category=claims', metric: 'tokenF1', n: 14, difference: 0.04, low: -0.12, high: 0.2 },
      { slice: 'category=customs', metric: 'tokenF1', n: 9, difference: -0.09, low: -0.27, high: 0.09 },
      { slice: 'category=prices', metric: 'tokenF1', n: 22, difference: -0.11, low: -0.2, high: -0.02 },
      { slice: 'language=en', metric: 'tokenF1', n: 120, difference: 0.1433, low: 0.1021, high: 0.1845 },
    ],
    cases: challenger.map((score, index) => ({
      id: `golden-${index + 1}`,
      input: `My parcel CR-${4711 + index} was due on Tuesday before 14:00 and is still not here. Where is it now?`,
      reference: `Parcel CR-${4711 + index} is at the Utrecht depot and reaches you on Wednesday before 14:00.`,
      challengerAnswer: `Parcel CR-${4711 + index} reaches you tomorrow.`,
      championAnswer: `Parcel CR-${4711 + index} is at the Utrecht depot and arrives on Wednesday.`,
      challengerScore: score,
      championScore: champion[index]!,
    })),
  },
  training: {
    loss: curve({ count: 120, every: 1, seed: 11, low: 0.42 }),
    validationLoss: curve({ count: 12, every: 10, seed: 13, low: 0.56 }),
    learningRate: Array.from({ length: 120 }, (_, index) => ({
      step: index + 1,
      value: index < 8 ? (2e-4 * (index + 1)) / 8 : 1e-4 * (1 + Math.cos((Math.PI * (index - 8)) / 112)),
    })),
  },
  canary: { looks: looks({ fault: 0.98 }) },
};

export const first: ReportInput = {
  record: {
    ...record,
    releaseId: 'support-assistant-r1',
    champion: null,
    reasons: ['tokenF1 0.6471 is over its limits and over the baseline 0.442'],
    verdicts: verdicts.slice(0, 1),
    startedAt: at(-990),
    endedAt: at(-178),
    seconds: 812,
    timeline: record.timeline
      .filter(({ stage }) => stage !== 'canary' && stage !== null)
      .map((entry) => ({ ...entry, at: new Date(Date.parse(entry.at) - 990_000).toISOString() })),
  },
  evaluation: {
    metrics: promoted.evaluation!.metrics.map((one) => ({ ...one, challenger: one.champion!, champion: null })),
    slices: [],
    cases: promoted.evaluation!.cases.map((one) => ({ ...one, championAnswer: null, championScore: null })),
  },
  training: promoted.training,
  canary: null,
};

export const rolledBack: ReportInput = {
  record: {
    ...record,
    releaseId: 'support-assistant-r3',
    outcome: 'rolledBack',
    stage: 'canary',
    champion: 'support-assistant-r2',
    reasons: ['guard error: e-value 213.4 >= 200 after 41 looks at 5 % of users'],
    startedAt: at(900),
    endedAt: at(1500),
    seconds: 600,
    timeline: record.timeline
      .slice(0, 9)
      .concat({ at: at(556), event: 'guard error failed, all users are back on support-assistant-r2', stage: null })
      .concat({ at: at(559), event: 'retiring', stage: 'retire' })
      .map((entry) => ({ ...entry, at: new Date(Date.parse(entry.at) + 900_000).toISOString() })),
  },
  evaluation: promoted.evaluation,
  training: promoted.training,
  canary: { looks: looks({ fault: 1.14 }) },
};

/** Measured, not good enough, and partly not measured at all. */
export const rejected: ReportInput = {
  ...promoted,
  record: {
    ...record,
    outcome: 'rejected',
    stage: 'evaluation',
    verdicts,
    reasons: ['gate faithfulness has no data', 'gate answerLength: upper bound 61.2 tokens > 60 tokens'],
  },
  canary: null,
};

/** A release that ended before anything was measured. */
export const failedEarly: ReportInput = {
  record: {
    ...record,
    releaseId: 'support-assistant-r4',
    outcome: 'failed',
    stage: 'data',
    reasons: ['12 rows < 50 (data.minimumRows) are left of 80 read'],
    dataset: null,
    adapter: null,
    training: null,
    serving: null,
    tracking: null,
    evaluation: null,
    evidenceDigest: null,
    codeCommit: null,
    promptDigest: null,
    verdicts: [],
    approvals: [],
    costUsd: {},
    overlays: [],
    timeline: [],
  },
  evaluation: null,
  training: null,
  canary: null,
};
