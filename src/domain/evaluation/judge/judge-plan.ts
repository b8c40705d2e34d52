import type { JudgeSpec } from '../../spec/evaluation-spec.js';
import { metricsOf, type MeasuredSpec } from '../judge-answers.js';
import { isJudged, type RubricMetric } from './judged-metrics.js';

/** The metrics of a spec that a judge has to score, each once. */
export function judgedMetricsOf(spec: MeasuredSpec): RubricMetric[] {
  return metricsOf(spec).filter(isJudged);
}

/** The judge as a calibration names it: other models, or another way to share cases among them, are another judge. */
export function judgeNameOf({ model, strong, strongFor, jury }: JudgeSpec): string {
  if (jury.length > 0) return `jury of ${[model, ...jury].join(', ')}`;
  if (strong === null) return model;
  return strongFor === 'everyCase' ? strong : `${model}, ${strong} where unsure`;
}
