import type { JudgeAnswersInput, JudgedAnswers } from '../../contracts/evaluation.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import type { GoldenCase } from '../../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../../domain/evaluation/answer.js';
import { assumedPrice, forecastCost, refusalOf, type TokenPrice } from '../../domain/evaluation/judge/budget.js';
import { judgedMetricsOf, judgeNameOf } from '../../domain/evaluation/judge/judge-plan.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import { auditOf } from '../../domain/evaluation/judge/tiers.js';
import { unmeasured, type Score } from '../../domain/evaluation/scorer.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { systemClock, type Clock } from '../clock.js';
import { casesOfPart } from '../evaluation-looks.js';
import { loadGolden } from '../golden.js';
import { heartbeat, throwIfCancelled } from '../heartbeat.js';
import { PortError, type Ports } from '../ports.js';
import { loadSpecification } from '../specifications.js';
import { jsonLines, loadJsonLines } from '../stored-json.js';
import { disagreementsOf, isTiered, tieredBy } from './calibrated-tiers.js';
import { createJudgeCaller, type JudgeCaller } from './judge-caller.js';
import { judgeOneCase, type ArmInputs, type JudgedArm, type JudgedCase } from './judge-one-case.js';
import type { Judge } from './judge-port.js';
import { judgedBefore, judgedFrom, judgedKeys } from './judged-before.js';
import type { JudgedRow, Judging } from './judged-file.js';
import { createPacer, systemTiming, type Timing } from './pacer.js';
import { requireJudge } from './require-judge.js';

const arms = ['challenger', 'champion'] as const;
/** A hung judge must not look like a hung worker. */
const heartbeatMilliseconds = 5000;
/** Calls of a judgement on average (claims take two, pairs two, the rest one), and cases the first judge is unsure of. */
const callsEach = 1.6;
const unsureShare = 0.2;

interface Task {
  one: GoldenCase;
  rubric: Rubric;
  inputs: ArmInputs;
}

/** A judge's scores of both arms' answers, each stored as soon as it is there, so that a retry pays for none twice. */
export function createJudgeActivities({
  store,
  judge,
  timing = systemTiming,
  clock = systemClock,
}: Pick<Ports, 'store' | 'judge'> & { timing?: Timing; clock?: Clock }) {
  const pacer = judge && createPacer({ limits: judge.limits, timing });

  return {
    async judgeAnswers(input: JudgeAnswersInput): Promise<JudgedAnswers> {
      const specification = await loadSpecification({ store, ref: input.specification });
      const { evaluation } = specification.spec;
      const { judge: spec } = evaluation;
      if (spec === null) throw new PortError('InvalidInput', 'evaluation.judge is null: expected a judge to ask');
      const metrics = judgedMetricsOf(evaluation);
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
      const all = await loadGolden({ store, golden: specification.golden });
      const cases = await casesOfPart({ store, cases: all, part: input.part, idOf: ({ id }) => id });
      const inputs = armInputs({
        cases,
        challenger: await answersOf(input.challengerAnswers),
        champion: input.championAnswers && (await answersOf(input.championAnswers)),
      });
      const tasks = cases.flatMap((one, index) => rubrics.map((rubric) => ({ one, rubric, inputs: inputs[index]! })));
      const priceOf = (model: string): TokenPrice => spec.prices[model] ?? assumedPrice;
      const caller = createJudgeCaller({
        ...{ judge: able, pacer: pace, timing, priceOf },
        evaluation: input.releaseId,
        capUsd: spec.budgetUsd,
      });
      const beat = (): void => heartbeat({ judged: done, of: tasks.length, ...caller.spending() });
      let done = 0;
      const timer = setInterval(beat, heartbeatMilliseconds);
      try {
        const forecast = await forecastOf({ tasks, caller, spec, priceOf });
        beat();
        const refusal = refusalOf({ forecast, capUsd: spec.budgetUsd, spentUsd: caller.spending().spentUsd });
        const judged = new Array<JudgedCase>(tasks.length);
        await inParallel({
          count: tasks.length,
          atOnce: able.limits.concurrency,
          work: async (index) => {
            throwIfCancelled();
            const { one, rubric, inputs: given } = tasks[index]!;
            judged[index] =
              refusal === null
                ? await judgeOneCase({
                    ...{ caller, spec, rubric, caseId: one.id, inputs: given },
                    disagreement: disagreements.get(rubric.metric) ?? null,
                  })
                : refused({ inputs: given, reason: refusal });
            done += 1;
            if (done % 100 === 0) beat();
          },
        });
        await caller.stored();
        const judging = { forecast, ...caller.spending(), tieredBy: tieredBy({ spec, rubrics, disagreements }) };
        return await keep({ input, from, spec, tasks, judged, judging });
      } finally {
        clearInterval(timer);
      }
    },
  };

  async function answersOf(ref: ArtifactRef): Promise<Answer[]> {
    return await loadJsonLines({ store, ref, schema: answerSchema });
  }

  async function keep({
    input,
    from,
    spec,
    tasks,
    judged,
    judging,
  }: {
    input: JudgeAnswersInput;
    from: string;
    spec: JudgeSpec;
    tasks: readonly Task[];
    judged: readonly JudgedCase[];
    judging: Pick<Judging, 'forecast' | 'spentUsd' | 'calls' | 'cached' | 'tieredBy'>;
  }): Promise<JudgedAnswers> {
    const keys = judgedKeys(input);
    const scores = await store.put({ key: keys.scores, body: jsonLines(rowsOf({ tasks, judged })) });
    const summary: Judging = {
      version: 1,
      releaseId: input.releaseId,
      inputs: from,
      scores: scores.sha256,
      judge: judgeNameOf(spec),
      rubrics: Object.fromEntries(tasks.map(({ rubric }) => [rubric.metric, rubric.digest])),
      cases: new Set(tasks.map(({ one }) => one.id)).size,
      capUsd: spec.budgetUsd,
      unmeasured: unmeasuredIn(judged),
      ...judging,
      ...tiersOf({ tasks, judged }),
    };
    return { scores, judging: await store.put({ key: keys.judging, body: Buffer.from(canonicalJson(summary)) }) };
  }
}

function rubricFor({ judge, metric }: { judge: Judge; metric: string }): Rubric {
  const rubric = judge.rubrics[metric];
  if (rubric) return rubric;
  throw new PortError('InvalidInput', `metric ${metric}: expected rubrics/${metric}.yaml beside the worker's code`);
}

/** What a judge sees of each case, by arm; an arm that is not there is left out. */
function armInputs({
  cases,
  challenger,
  champion,
}: {
  cases: readonly GoldenCase[];
  challenger: readonly Answer[];
  champion: readonly Answer[] | null;
}): ArmInputs[] {
  const by = (answers: readonly Answer[]) => new Map(answers.map((one) => [one.id, one]));
  const [ours, theirs] = [by(challenger), champion && by(champion)];
  return cases.map((one) => {
    const championAnswer = theirs?.get(one.id)?.answer ?? null;
    const of = (answer: Answer | undefined) =>
      answer === undefined || answer.answer === null
        ? { reason: answer?.reason ?? 'the case has no answer' }
        : {
            question: one.input,
            answer: answer.answer,
            reference: one.reference,
            documents: (answer.documents ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])),
            championAnswer,
          };
    return { challenger: of(ours.get(one.id)), ...(theirs && { champion: of(theirs.get(one.id)) }) };
  });
}

async function forecastOf({
  tasks,
  caller,
  spec,
  priceOf,
}: {
  tasks: readonly Task[];
  caller: JudgeCaller;
  spec: JudgeSpec;
  priceOf: (model: string) => TokenPrice;
}) {
  const openings: number[] = [];
  const model = spec.strong !== null && spec.strongFor === 'everyCase' ? spec.strong : spec.model;
  for (const { rubric, inputs } of tasks)
    for (const arm of arms) {
      const input = inputs[arm];
      if (input === undefined || 'reason' in input || (rubric.kind === 'pairwise' && arm === 'champion')) continue;
      const tokens = await caller.opening({ model, rubric, input });
      if (tokens !== null) openings.push(tokens);
    }
  return forecastCost({
    openings,
    price: priceOf(model),
    callsEach: callsEach * (1 + spec.jury.length),
    strong: isTiered(spec) ? { price: priceOf(spec.strong!), share: unsureShare + spec.auditShare } : null,
  });
}

const refused = ({ inputs, reason }: { inputs: ArmInputs; reason: string }): JudgedCase => ({
  scores: Object.fromEntries(arms.filter((arm) => inputs[arm]).map((arm) => [arm, unmeasured(reason)])),
  strong: null,
});

function* rowsOf({ tasks, judged }: { tasks: readonly Task[]; judged: readonly JudgedCase[] }): Generator<JudgedRow> {
  for (const [index, { one, rubric }] of tasks.entries())
    for (const [arm, score] of Object.entries(judged[index]!.scores) as [JudgedArm, Score][])
      yield { arm, id: one.id, cluster: one.cluster, tags: one.tags, metric: rubric.metric, ...score };
}

const unmeasuredIn = (judged: readonly JudgedCase[]): number =>
  judged.reduce((sum, { scores }) => sum + Object.values(scores).filter(({ score }) => score === null).length, 0);

function tiersOf({
  tasks,
  judged,
}: {
  tasks: readonly Task[];
  judged: readonly JudgedCase[];
}): Pick<Judging, 'strong' | 'audit'> {
  const strong: Record<string, number> = {};
  const pairs = new Map<string, { cheap: number | null; strong: number | null }[]>();
  judged.forEach((one, index) => {
    if (one.strong === null) return;
    strong[one.strong.reason] = (strong[one.strong.reason] ?? 0) + 1;
    if (one.strong.reason !== 'audit') return;
    const { metric } = tasks[index]!.rubric;
    pairs.set(metric, [...(pairs.get(metric) ?? []), ...one.strong.pairs]);
  });
  return { strong, audit: Object.fromEntries([...pairs].map(([metric, both]) => [metric, auditOf(both)])) };
}

async function inParallel({
  count,
  atOnce,
  work,
}: {
  count: number;
  atOnce: number;
  work: (index: number) => Promise<void>;
}): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}
