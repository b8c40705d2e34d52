import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** One queue a kind of work, so that long work never takes the slots of work that must be quick. */
export const taskQueues = {
  /** Workflows and quick activities. */
  orchestration: 'orchestration',
  /** Traffic plans; never shares slots with anything long. */
  traffic: 'traffic',
  /** Guard watchers. */
  watch: 'watch',
  /** Answers and scores. */
  evaluation: 'evaluation',
  /** CPU-heavy data work. */
  data: 'data',
  /** Training jobs and serving. */
  cluster: 'cluster',
  /** Chunks of a batch; never in the way of an evaluation. */
  batch: 'batch',
} as const;
export type TaskQueue = keyof typeof taskQueues;

/** Queue names of one deployment; the prefix keeps two of them in one namespace apart. */
export const queueName = ({ prefix, queue }: { prefix: string; queue: TaskQueue }): string =>
  `${prefix}${taskQueues[queue]}`;

export const workflowIds = {
  lifecycle: (model: string): string => `model:${model}`,
  release: (releaseId: string): string => `release:${releaseId}`,
  evaluation: (releaseId: string): string => `evaluation:${releaseId}`,
  rollout: (releaseId: string): string => `rollout:${releaseId}`,
  canary: (releaseId: string): string => `canary:${releaseId}`,
  load: (releaseId: string): string => `load:${releaseId}`,
  shadow: (releaseId: string): string => `shadow:${releaseId}`,
  ingest: (model: string): string => `ingest:${model}`,
  schedule: (model: string): string => `retrain:${model}`,
  feedbackSchedule: (model: string): string => `feedback:${model}`,
  /** One for a whole deployment. */
  promotionSchedule: (queuePrefix: string): string => `${queuePrefix}promotions`,
  ingestSchedule: (model: string): string => `ingest-daily:${model}`,
  batch: (model: string): string => `batch:${model}`,
  batchSchedule: (model: string): string => `batch-hourly:${model}`,
  index: (model: string): string => `index:${model}`,
  indexSchedule: (model: string): string => `index-schedule:${model}`,
};

/** What every workflow of a model is started with, so that queues that models share go round by model. */
export const fairnessOf = (model: string): { fairnessKey: string } => ({ fairnessKey: model });

export const releaseIdOf = ({ model, number }: { model: string; number: number }): string => `${model}-r${number}`;

/** The model a release id belongs to; null when it is no release id. */
export const modelOfRelease = (releaseId: string): string | null => /^(.+)-r\d+$/.exec(releaseId)?.[1] ?? null;

export const searchAttributes = {
  model: defineSearchAttributeKey('Model', SearchAttributeType.KEYWORD),
  release: defineSearchAttributeKey('Release', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  verdict: defineSearchAttributeKey('Verdict', SearchAttributeType.KEYWORD),
  trigger: defineSearchAttributeKey('Trigger', SearchAttributeType.KEYWORD),
};
