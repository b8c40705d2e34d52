import { sha256Hex } from '../domain/release/evidence.js';

/** Where things stand in the artifact store. */
export const storeKeys = {
  specification: ({ model, digest }: { model: string; digest: string }): string => `specs/${model}/${digest}.json`,
  /** What the keys of the specs of all models begin with. */
  allSpecifications: 'specs/',
  dataset: ({ name, digest, file }: { name: string; digest: string; file: string }): string =>
    `datasets/${name}/${digest}/${file}`,
  /** Which version is the newest; written by compare-and-set alone. */
  latestDataset: ({ name }: { name: string }): string => `datasets/${name}/latest`,
  /** What one logical date was published as. */
  ingested: ({ name, date }: { name: string; date: string }): string => `ingests/${name}/${date}.json`,
  /** Raw and cleaned chunks of a date while it is taken in; removed afterwards. */
  ingestStage: ({ name, date, file }: { name: string; date: string; file: string }): string =>
    `ingest-stages/${name}/${date}/${file}`,
  golden: ({ name, version }: { name: string; version: string }): string => `golden/${name}/${version}.jsonl`,
  /** Digest and parent of a golden-set version, as it was frozen. */
  goldenRecord: ({ name, version }: { name: string; version: string }): string => `golden/${name}/${version}.json`,
  /** Cases in the making, which an evaluation outside a release was asked on. */
  unfrozenGolden: ({ sha256 }: { sha256: string }): string => `cache/golden/${sha256}.jsonl`,
  /** Every release that a golden-set version has judged. */
  attempts: ({ name, version }: { name: string; version: string }): string => `golden-attempts/${name}/${version}/`,
  release: ({ releaseId, file }: { releaseId: string; file: string }): string => `releases/${releaseId}/${file}`,
  /** What the keys of all releases of a model begin with, and those of models named like one of them. */
  releases: ({ model }: { model: string }): string => `releases/${model}-r`,
  prompt: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/prompt.json`,
  record: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/record.json`,
  /** What the report is drawn from, for pages over several releases. */
  reportInput: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/report.json`,
  report: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/report.html`,
  modelCard: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/README.md`,
  /** Whom to tell what, of the spec that the latest release was opened with. */
  notify: ({ model }: { model: string }): string => `models/${model}/notify.json`,
  /** Who has paused a model and why, or since when nobody has. */
  pause: ({ model }: { model: string }): string => `models/${model}/pause.json`,
  serving: ({ model }: { model: string }): string => `models/${model}/serving.json`,
  /** What the keys of the copies of a model's plans begin with. */
  plans: ({ model }: { model: string }): string => `plans/${model}/`,
  /** A copy of every plan revision, for whoever must know later which share held when. */
  plan: ({ model, revision }: { model: string; revision: number }): string => `plans/${model}/${revision}.json`,
  /** One gateway's counters of one plan revision, or those of the sample of answers. */
  telemetry: ({ model, revision, gateway }: { model: string; revision: number; gateway: string }): string =>
    `telemetry/${model}/${revision}/${gateway}.json`,
  /** How far the sample of a canary's answers is looked at. */
  answerSample: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/canary/answers.json`,
  /** What the keys of all segments of pairs that a challenger answered in the shadow begin with. */
  shadowPairs: ({ releaseId }: { releaseId: string }): string => `shadow/${releaseId}/`,
  /** What the keys of pairs of all releases of a model begin with, and those of models named like one of them. */
  allShadowPairs: ({ model }: { model: string }): string => `shadow/${model}-r`,
  /** Everything that a shadow's verdict rests on. */
  shadowEvidence: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/shadow/evidence.json`,
  /** When each gateway went by the plan of a rollback or a rehearsal. */
  rollbackTime: ({ model, revision }: { model: string; revision: number }): string =>
    `rollbacks/${model}/${revision}.json`,
  /** What people and a judge said of the same answers. */
  judgeCalibration: ({ judge, metric }: { judge: string; metric: string }): string =>
    `judge/calibrations/${metric}/${sha256Hex(judge)}.json`,
  /** Calibrations that a spec names. */
  judgeCalibrations: ({ sha256 }: { sha256: string }): string => `judge/calibrations-of-specs/${sha256}.jsonl`,
  /** Pairs of answers that a spec trains by. */
  preferences: ({ sha256 }: { sha256: string }): string => `training/preferences/${sha256}.jsonl`,
  /** What people said of answers to a golden set. */
  judgeLabels: ({ name, version, metric }: { name: string; version: string; metric: string }): string =>
    `judge/labels/${name}/${version}/${metric}.jsonl`,
  /** What the gateways serve of an item; its id may be any text. */
  summary: ({ family, item }: { family: string; item: string }): string => {
    const name = sha256Hex(item);
    return `summaries/${family}/${name.slice(0, 2)}/${name}.json`;
  },
  /** Up to where a batch is done; written by compare-and-set alone. */
  watermark: ({ name }: { name: string }): string => `watermarks/${name}.json`,
  /** What a watermark knows of each item. */
  seenItems: ({ model, sha256 }: { model: string; sha256: string }): string => `batches/${model}/seen/${sha256}.jsonl`,
  /** What one run of a batch lays down between its steps; removed at its end. */
  batchRun: ({ model, run, file }: { model: string; run: string; file: string }): string =>
    `batches/${model}/runs/${run.replaceAll(':', '-')}/${file}`,
  allBatchRuns: ({ model }: { model: string }): string => `batches/${model}/runs/`,
  /** What models answered, by what they were asked, so that nobody is asked twice. */
  batchAnswers: ({ model }: { model: string }): string => `batches/${model}/answers/`,
  /** Items that got no summary in a run, and why. */
  batchLetters: ({ model, run }: { model: string; run: string }): string =>
    `batches/${model}/dead-letters/${run.replaceAll(':', '-')}.jsonl`,
  allBatchLetters: ({ model }: { model: string }): string => `batches/${model}/dead-letters/`,
  /** Plan, batches and manifest of a version of a retrieval index. */
  index: ({ index, version, file }: { index: string; version: string; file: string }): string =>
    `indexes/${index}/${version}/${file}`,
  indexes: ({ index }: { index: string }): string => `indexes/${index}/`,
  /** Which version of an index a release serves, or may yet. */
  indexHold: ({ index, releaseId }: { index: string; releaseId: string }): string =>
    `indexes/${index}/held/${releaseId}.json`,
  indexHolds: ({ index }: { index: string }): string => `indexes/${index}/held/`,
  /** How a release finds facts: its spec's `retrieval`. */
  retrieval: ({ releaseId }: { releaseId: string }): string => `releases/${releaseId}/retrieval.json`,
  /** Vectors of a batch of texts, by the embedder and the texts. */
  embeddings: ({ digest }: { digest: string }): string => `cache/embeddings/${digest.slice(0, 2)}/${digest}.f32`,
  answers: ({ digest }: { digest: string }): string => `cache/answers/${digest.slice(0, 2)}/${digest}.json`,
};
