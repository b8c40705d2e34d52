import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { DatasetSummary, EvaluationResult } from './release.js';

/** What every step of an evaluation is told. */
export interface EvaluationStep {
  releaseId: string;
  model: string;
  specification: ArtifactRef;
}

export interface PlanEvaluationInput extends EvaluationStep {
  /** Null before the first champion. */
  championAnswers: ArtifactRef | null;
}

export interface EvaluationPlan {
  /** Which attempt on this golden-set version this is, from 1. */
  attempt: number;
  /** Set where the golden set can't show what the spec asks for; nothing more is spent then. */
  refusal: EvaluationResult | null;
  /** What the golden set shows only with luck; said, and no reason to stop. Absent in histories of 0.1.0. */
  warnings?: Verdict[];
  /** Whether a judge scores the answers too. */
  judged?: boolean;
}

export interface JudgeAnswersInput extends PlanEvaluationInput {
  challengerAnswers: ArtifactRef;
}

/** A judge's raw scores of both arms, and who judged at what cost. */
export interface JudgedAnswers {
  scores: ArtifactRef;
  judging: ArtifactRef;
}

export interface DecideEvaluationInput extends PlanEvaluationInput {
  dataset: DatasetSummary;
  champion: string | null;
  challengerAnswers: ArtifactRef;
  /** Absent where nothing was judged. */
  judged?: JudgedAnswers;
  attempt: number;
}
