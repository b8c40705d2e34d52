import type { JudgeAnswersInput, JudgedAnswers } from '../../contracts/evaluation.js';
import { assumedPrice, type Forecast, type TokenPrice } from '../../domain/evaluation/judge/budget.js';
import { judgedMetricsOf, judgeNameOf } from '../../domain/evaluation/judge/judge-plan.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import { unmeasured } from '../../domain/evaluation/scorer.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { systemClock, type Clock } from '../clock.js';
import { alive, heartbeat, throwIfCancelled } from '../heartbeat.js';
import { inParallel } from '../in-parallel.js';
import { PortError, type Ports } from '../ports.js';
import { loadSpecification } from '../specifications.js';
import { disagreementsOf, tieredBy } from './calibrated-tiers.js';
import { forecastOpenings } from './forecast-openings.js';
import { createJudgeCaller, type Spending } from './judge-caller.js';
import { judgeOneCase, type ArmInputs, type JudgedCase } from './judge-one-case.js';
import type { Judge } from './judge-port.js';
import { openTasks } from './judge-tasks.js';
import { collectJudged, type CollectedJudgements } from './collect-judged.js';
import { judgedBefore, judgedFrom, judgedKeys } from './judged-before.js';
import type { Judging } from './judged-file.js';
import { createPacer, systemTiming, type Pacer, type Timing } from './pacer.js';
import { requireJudge } from './require-judge.js';

const arms = ['challenger', 'champion'] as const;
/** A hung judge must not look like a hung worker. */
const heartbeatMilliseconds = 5000;

/** Where judging stands, as heartbeats and whoever waits see it. */
export interface JudgingProgress extends Spending {
  judged: number;
  of: number;
  capUsd: number;
  /** Of all that no cache answers; null until all of it was counted. */
  forecast: Forecast | null;
}

/**
 * A judge's scores of both arms' answers, each stored as soon as it is there, so that a retry pays for none twice.
 * @param progress is told with every judgement.
 */
export function createJudgeActivities({
  store,
  judge,
  timing = systemTiming,
  clock = systemClock,
  pacer = judge && createPacer({ limits: judge.limits, timing }),
  progress,
}: Pick<Ports, 'store' | 'judge'> & {
  timing?: Timing;
  clock?: Clock;
  pacer?: Pacer | null;
  progress?: (progress: JudgingProgress) => void;
}) {
  return {
    async judgeAnswers(input: JudgeAnswersInput): Promise<JudgedAnswers> {
      const specification = await loadSpecification({ store, ref: input.specification });
      const { spec: modelSpec } = specification;
      const { evaluation } = modelSpec;
      const { judge: spec } = evaluation;
      if (spec === null) throw new PortError('InvalidInput', 'evaluation.judge is null: expected a judge to ask');
      const metrics = judgedMetricsOf(modelSpec);
      requireJudge({ spec: evaluation, judge });
      const [able, pace] = [judge!, pacer!];
      const rubrics = metrics.map((metric) => rubricFor({ judge: able, metric }));
      const disagreements = await disagreementsOf({
        ...{ store, spec, rubrics, calibration: specification.judgeCalibration },
        now: clock.now(),
      });
      const from = judgedFrom({ input, endpoint: able.endpoint, rubrics, disagreements });
      const before = await judgedBefore({ store, input, inputs: from });
      if (before !== null) return before;
      const priceOf = (model: string): TokenPrice => spec.prices[model] ?? assumedPrice;
      const caller = createJudgeCaller({
        ...{ judge: able, pacer: pace, timing, priceOf },
        evaluation: input.releaseId,
        capUsd: spec.budgetUsd,
      });
      const tasks = await openTasks({ store, input, rubrics, golden: specification.golden });
      const { count } = tasks;
      let done = 0;
      const openings = forecastOpenings({ caller, spec, tasks, priceOf });
      const details = (): JudgingProgress => ({
        ...{ judged: done, of: count, capUsd: spec.budgetUsd, forecast: openings.known() },
        ...caller.spending(),
      });
      const judged = collectJudged({ count });
      const judgeOne = async (index: number): Promise<void> => {
        throwIfCancelled();
        const refusal = await openings.refusal(index);
        const task = tasks.at(index);
        const { one, rubric, inputs } = task;
        const result =
          refusal === null
            ? await judgeOneCase({
                caller,
                spec,
                rubric,
                caseId: one.id,
                inputs,
                disagreement: disagreements.get(rubric.metric) ?? null,
              })
            : refused({ inputs, reason: refusal });
        judged.add({ index, task, result });
        done += 1;
        progress?.(details());
        if (done % 100 === 0) heartbeat(details());
      };
      const judgeOrStop = (index: number): Promise<void> =>
        judgeOne(index).catch((error: unknown) => {
          openings.stop();
          throw error;
        });
      try {
        heartbeat(details());
        await alive({
          everyMilliseconds: heartbeatMilliseconds,
          details,
          work: () => inParallel({ count, atOnce: able.limits.concurrency, work: judgeOrStop }),
        });
        await caller.stored();
        const forecast = await openings.whole();
        const judging = { forecast, ...caller.spending(), tieredBy: tieredBy({ spec, rubrics, disagreements }) };
        return await keep({ input, from, spec, rubrics, cases: tasks.cases, judged, judging });
      } finally {
        openings.stop();
      }
    },
  };

  async function keep({
    input,
    from,
    spec,
    rubrics,
    cases,
    judged,
    judging,
  }: {
    input: JudgeAnswersInput;
    from: string;
    spec: JudgeSpec;
    rubrics: readonly Rubric[];
    cases: number;
    judged: CollectedJudgements;
    judging: Pick<Judging, 'forecast' | 'spentUsd' | 'calls' | 'cached' | 'tieredBy'>;
  }): Promise<JudgedAnswers> {
    const keys = judgedKeys(input);
    const scores = await store.put({ key: keys.scores, body: judged.rows() });
    const summary: Judging = {
      version: 1,
      releaseId: input.releaseId,
      inputs: from,
      scores: scores.sha256,
      judge: judgeNameOf(spec),
      rubrics: Object.fromEntries(rubrics.map(({ metric, digest }) => [metric, digest])),
      cases,
      capUsd: spec.budgetUsd,
      ...judging,
      ...judged.summary(),
    };
    return { scores, judging: await store.put({ key: keys.judging, body: Buffer.from(canonicalJson(summary)) }) };
  }
}

function rubricFor({ judge, metric }: { judge: Judge; metric: string }): Rubric {
  const rubric = judge.rubrics[metric];
  if (rubric) return rubric;
  throw new PortError('InvalidInput', `metric ${metric}: expected rubrics/${metric}.yaml beside the worker's code`);
}

const refused = ({ inputs, reason }: { inputs: ArmInputs; reason: string }): JudgedCase => ({
  scores: Object.fromEntries(arms.filter((arm) => inputs[arm]).map((arm) => [arm, unmeasured(reason)])),
  strong: null,
});
