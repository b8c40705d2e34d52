import { z } from 'zod';
import { integer, pageToken, pairs } from './common.js';
import { lifecycleStage } from './experiments.js';

export const runStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);
export type RunStatus = z.output<typeof runStatus>;

const metricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

export const metric = z.object({
  key: z.string(),
  value: metricValue,
  /** Milliseconds since 1970. */
  timestamp: integer.default(0),
  step: integer.default(0),
});
export type Metric = z.output<typeof metric>;

const datasetInput = z
  .object({
    tags: pairs,
    dataset: z.object({
      name: z.string(),
      digest: z.string(),
      source_type: z.string().default(''),
      source: z.string().default(''),
      schema: z.string().optional(),
      profile: z.string().optional(),
    }),
  })
  .transform(({ tags, dataset }) => ({
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type,
    source: dataset.source,
    schema: dataset.schema,
    profile: dataset.profile,
    tags,
  }));
export type LoggedDataset = z.output<typeof datasetInput>;

const info = z.object({
  run_id: z.string(),
  experiment_id: z.string(),
  run_name: z.string().optional(),
  status: runStatus,
  start_time: integer.optional(),
  end_time: integer.optional(),
  artifact_uri: z.string().default(''),
  lifecycle_stage: lifecycleStage,
});

const data = z.object({ metrics: z.array(metric).default([]), params: pairs, tags: pairs });

export const run = z
  .object({
    info,
    data: data.default({ metrics: [], params: {}, tags: {} }),
    inputs: z.object({ dataset_inputs: z.array(datasetInput).default([]) }).default({ dataset_inputs: [] }),
  })
  .transform((raw) => ({
    runId: raw.info.run_id,
    experimentId: raw.info.experiment_id,
    name: raw.info.run_name ?? raw.data.tags['mlflow.runName'] ?? '',
    status: raw.info.status,
    /** Milliseconds since 1970. */
    startedAt: raw.info.start_time,
    /** Milliseconds since 1970; absent while the run goes on. */
    endedAt: raw.info.end_time,
    artifactUri: raw.info.artifact_uri,
    lifecycleStage: raw.info.lifecycle_stage,
    /** Each metric's last value; the whole course comes from `metricHistory`. */
    metrics: Object.fromEntries(raw.data.metrics.map(({ key, value }) => [key, value])),
    params: raw.data.params,
    tags: raw.data.tags,
    datasets: raw.inputs.dataset_inputs,
  }));
export type Run = z.output<typeof run>;

export const runAnswer = z.object({ run });
export const runPage = z.object({ runs: z.array(run).default([]), next_page_token: pageToken });
export const metricPage = z.object({ metrics: z.array(metric).default([]), next_page_token: pageToken });
