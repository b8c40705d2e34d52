import type { EvaluationSpec } from '../../domain/spec/evaluation-spec.js';
import { PortError, type Ports } from '../ports.js';

/**
 * Refuses a spec that needs a judge on a worker that has none, before anything is spent on it.
 * @throws PortError `InvalidInput`, saying how to mend it.
 */
export function requireJudge({ spec, judge }: { spec: EvaluationSpec; judge: Ports['judge'] }): void {
  if (spec.judge === null || judge !== null) return;
  const mend =
    'set JUDGE_BASE_URL (and JUDGE_API_KEY) for the workers, or for understudy evaluate, or take evaluation.judge out of the spec';
  throw new PortError(
    'InvalidInput',
    `evaluation.judge asks for ${spec.judge.model} and no judge is configured: ${mend}`,
  );
}
