import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { LookDecision } from '../domain/release/early-stop.js';
import type { Verdict, VerdictKind } from '../domain/release/verdict.js';
import type { DatasetSummary, EvaluationResult, ServedTarget } from './release.js';

/** What every step of an evaluation is told. */
export interface EvaluationStep {
  releaseId: string;
  model: string;
  specification: ArtifactRef;
}

/** The cases up to and with one of the looks that were planned before the first answer. */
export interface Part {
  /** `evaluation/looks.json`. */
  looks: ArtifactRef;
  /** From 0. */
  index: number;
}

export interface OpenEvaluationInput extends EvaluationStep {
  /** Null before the first champion. */
  champion: string | null;
}

/** What is fixed before the first answer. */
export interface EvaluationOpening {
  /** Null where all cases are asked at once. */
  looks: { plan: ArtifactRef; count: number } | null;
  /** Changed forms of the questions that each arm is asked beside the golden cases; null for none. */
  probes: { challenger: ArtifactRef | null; champion: ArtifactRef | null };
}

export interface GenerateAnswersInput extends EvaluationStep {
  target: ServedTarget;
  /** Asked in place of the golden cases. */
  probes?: ArtifactRef;
  /** Without it all cases. */
  part?: Part;
}

export interface PlanEvaluationInput extends EvaluationStep {
  /** Null before the first champion. */
  championAnswers: ArtifactRef | null;
  /** Which cases were asked so far; without it all. */
  part?: Part;
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

/** Probes and an arm's answers to them. */
export interface ProbedAnswers {
  probes: ArtifactRef;
  answers: ArtifactRef;
}

/** What one look found, before the last one or at it. */
export interface TakenLook {
  /** From 0. */
  index: number;
  /** Why the evaluation ends here; null where it went on. */
  stop: LookDecision['stop'];
  reason: string;
  verdict: VerdictKind;
}

export interface DecideEvaluationInput extends PlanEvaluationInput {
  dataset: DatasetSummary;
  champion: string | null;
  challengerAnswers: ArtifactRef;
  /** Absent where nothing was judged. */
  judged?: JudgedAnswers;
  /** Absent where nobody was asked probes, as with answers from elsewhere. */
  probed?: { challenger: ProbedAnswers | null; champion: ProbedAnswers | null };
  /** The retrieval indexes that both arms answered from; absent where neither had one. */
  indexes?: { challenger: string | null; champion: string | null };
  /** The looks before this one. */
  looked?: TakenLook[];
  attempt: number;
}
