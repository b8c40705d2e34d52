import type { ArtifactRef } from '../domain/artifact-ref.js';

export interface TrainingRequest {
  /** The job's idempotency key: the same name never starts a second job. */
  jobName: string;
  base: { id: string; revision: string | null };
  trainFile: ArtifactRef;
  validationFile: ArtifactRef;
  /** Pairs of answers that the adapter is trained by after the chats; absent for chats alone. */
  preferences?: {
    file: ArtifactRef;
    beta: number;
    learningRate: number;
    epochs: number;
    maxSteps: number | null;
  };
  settings: {
    method: 'lora' | 'qlora';
    rank: number;
    alpha: number;
    dropout: number;
    learningRate: number;
    epochs: number;
    maxSteps: number | null;
    batchSize: number;
    gradientAccumulation: number;
    maxLength: number;
    warmupRatio: number;
    seed: number;
  };
  resources: {
    /** Types of instances, best first; the next where one is not to be had. */
    instances: readonly string[];
    spot: boolean;
    budgetUsd: number;
    /** From the first start on, whatever happens in between. */
    deadlineSeconds: number;
  };
  trackingRunId: string;
}

export interface TrainingStatus {
  state: 'running' | 'completed' | 'failed' | 'stopped';
  step: number;
  totalSteps: number;
  loss: number | null;
  /** The last lines the job wrote, when it failed. */
  failure: string | null;
  seconds: number;
  /** In US dollars so far, also of a job that failed or was stopped; absent where it costs nothing. */
  costUsd?: number;
  /** Where the job is in the platform's own words. */
  detail?: string;
}

export interface TrainingResult {
  adapter: ArtifactRef;
  files: string[];
  metrics: Record<string, number>;
  rows: number;
  truncatedRows: number;
  seconds: number;
  costUsd: number;
}

export interface Trainer {
  /** Get or create: a job of this name that runs or ended is left alone; a stopped or vanished one resumes. */
  start(input: TrainingRequest): Promise<void>;
  status(input: { jobName: string }): Promise<TrainingStatus>;
  /** Verifies the output's digests and copies it under `keyPrefix` of the store. */
  collect(input: { jobName: string; keyPrefix: string }): Promise<TrainingResult>;
  /** Ends the job; one that is not there or has ended is no error. */
  stop(input: { jobName: string }): Promise<void>;
}
