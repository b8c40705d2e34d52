import type { JuryAgreement } from '../evaluation/judge/jury.js';
import type { ReleaseRecord } from '../release/release-record.js';
import type { ReportShadow } from './report-shadow.js';

/** Scores of one metric on the golden set; the arms stand in the same order of cases. */
export interface MetricScores {
  metric: string;
  challenger: number[];
  /** Null where there was no champion yet. */
  champion: number[] | null;
  /** Null where the spec names no baseline. */
  baseline: number[] | null;
}

/** Challenger minus champion on the cases of one slice, with its interval; `slice` reads like `category=delivery`. */
export interface SliceDifference {
  slice: string;
  metric: string;
  n: number;
  difference: number;
  low: number;
  high: number;
  /** Adjusted over all slices (Holm); absent in what was recorded before it was kept. */
  pValue?: number | undefined;
  /** Significantly worse after that, and over the floors. */
  harmed?: boolean | undefined;
  /** Under the floors; absent in what was recorded before it was kept. */
  few?: boolean | undefined;
}

/** One case with what was answered; scores are those of the primary metric. */
export interface AnsweredCase {
  id: string;
  input: string;
  reference: string;
  challengerAnswer: string;
  championAnswer: string | null;
  challengerScore: number;
  championScore: number | null;
}

export interface ReportEvaluation {
  /** The primary metric first. */
  metrics: MetricScores[];
  slices: SliceDifference[];
  cases: AnsweredCase[];
  /** How far several judges agreed, by metric; absent where each answer had one judge. */
  jury?: JuryAgreement[] | undefined;
}

/** One point of a curve, by optimiser step. */
export interface Point {
  step: number;
  value: number;
}

export interface ReportTraining {
  loss: Point[];
  validationLoss: Point[];
  learningRate: Point[];
}

/** One look of the watcher: the weighted e-value of every guard and the threshold at which it fails (1 / alpha). */
export interface CanaryLook {
  at: string;
  /** Share of users on the challenger, 0..1. */
  share: number;
  revision: number;
  guards: { event: string; eValue: number; threshold: number }[];
  /** Distinct sticky keys seen by each arm since the canary began. */
  challengerKeys: number;
  championKeys: number;
}

/** Everything a release's report is made from. A part that was never reached is null and the report says so. */
export interface ReportInput {
  record: ReleaseRecord;
  evaluation: ReportEvaluation | null;
  training: ReportTraining | null;
  canary: { looks: CanaryLook[] } | null;
  /** Absent in what 0.1.0 recorded. */
  shadow?: ReportShadow | null;
}

/** A release in the overview, and where its own report stands, relative to the overview or absolute. */
export interface OverviewRelease extends ReportInput {
  reportHref: string | null;
}

/** Several releases of one model, oldest first. */
export interface OverviewInput {
  model: string;
  releases: OverviewRelease[];
  /** Said under the title, such as what the demonstration injected. */
  notes: string[];
  generatedAt: string;
}
