import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { Activities } from '../../src/activities/index.js';
import type { GenerateAnswersInput } from '../../src/contracts/evaluation.js';
import { releaseMessages, type EvaluationInput, type EvaluationResult } from '../../src/contracts/release.js';
import { evaluation } from '../../src/workflows/evaluation.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { ref, verdict, type World } from './support/world.js';

const served = (releaseId: string) => ({
  releaseId,
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: releaseId,
  specification: ref('spec'),
});

const input: EvaluationInput = {
  releaseId: 'm-r2',
  model: 'm',
  specification: ref('spec'),
  dataset: {
    name: 'm',
    digest: 'd',
    read: 10,
    rows: 9,
    deadLettered: {},
    train: ref('train'),
    validation: ref('validation'),
    table: ref('table'),
    manifest: ref('manifest'),
  },
  challenger: served('m-r2'),
  champion: served('m-r1'),
};

describe('evaluation workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  /** Plays one evaluation, with some activities answering otherwise than the world does. */
  async function playEvaluation({
    champion = input.champion,
    activities = {},
    check,
  }: {
    champion?: EvaluationInput['champion'];
    activities?: Partial<Activities>;
    check: (played: { world: World; end: () => Promise<EvaluationResult>; id: string }) => Promise<void>;
  }): Promise<void> {
    let calls: World['calls'] = [];
    const recorded = Object.entries(activities).map(([name, activity]) => [
      name,
      async (told: never): Promise<unknown> => {
        calls.push({ name, input: told });
        return await (activity as (told: never) => Promise<unknown>)(told);
      },
    ]);
    await onStage({
      environment,
      activities: Object.fromEntries(recorded) as Partial<Activities>,
      play: async ({ world, orchestration }) => {
        calls = world.calls;
        const id = `evaluation:${randomUUID()}`;
        const handle = await environment.client.workflow.start(evaluation, {
          workflowId: id,
          taskQueue: orchestration,
          args: [{ ...input, champion }],
        });
        await check({ world, end: () => handle.result(), id });
      },
    });
  }

  const asked = (world: World) =>
    world.calls.map(({ name, input: told }) => [
      name,
      (told as { target?: { releaseId: string } }).target?.releaseId ?? null,
    ]);

  it('asks the champion first, plans, asks the challenger, decides, and shows its verdicts', () =>
    playEvaluation({
      check: async ({ world, end, id }) => {
        const result = await end();
        expect(result).to.include({ verdict: 'pass', evidenceDigest: world.evidenceDigest });
        expect(asked(world)).to.deep.equal([
          ['openEvaluation', null],
          ['generateAnswers', 'm-r1'],
          ['planEvaluation', null],
          ['generateAnswers', 'm-r2'],
          ['decideEvaluation', null],
        ]);
        const progress = await environment.client.workflow.getHandle(id).query(releaseMessages.progress);
        expect(progress).to.include({ stage: 'evaluation', evidenceDigest: world.evidenceDigest });
        expect(progress.verdicts.map((one) => one.verdict)).to.deep.equal(['pass']);
      },
    }));

  it('asks only the challenger where there is no champion', () =>
    playEvaluation({
      champion: null,
      check: async ({ world, end }) => {
        await end();
        expect(asked(world).filter(([name]) => name === 'generateAnswers')).to.deep.equal([
          ['generateAnswers', 'm-r2'],
        ]);
        const decided = world.calls.find((call) => call.name === 'decideEvaluation')!.input;
        expect(decided).to.include({ champion: null, championAnswers: null, attempt: 1 });
      },
    }));

  it('ends with the refusal of a hopeless comparison before the challenger costs anything', () => {
    const refusal: EvaluationResult = {
      verdict: 'inconclusive',
      verdicts: [verdict('inconclusive', 'the golden set shows no less than 0.2 > 0.05; 900 more cases would')],
      evidence: null,
      evidenceDigest: 'r'.repeat(64),
    };
    return playEvaluation({
      activities: { planEvaluation: async () => ({ attempt: 3, refusal, warnings: [] }) },
      check: async ({ world, end, id }) => {
        expect(await end()).to.deep.equal(refusal);
        expect(asked(world)).to.deep.equal([
          ['openEvaluation', null],
          ['generateAnswers', 'm-r1'],
          ['planEvaluation', null],
        ]);
        const progress = await environment.client.workflow.getHandle(id).query(releaseMessages.progress);
        expect(progress.verdicts).to.have.length(1);
      },
    });
  });

  it('has the answers judged between the challenger and the decision where the plan says so', () =>
    playEvaluation({
      activities: { planEvaluation: async () => ({ attempt: 1, refusal: null, warnings: [], judged: true }) },
      check: async ({ world, end }) => {
        await end();
        expect(world.names().slice(-3)).to.deep.equal(['generateAnswers', 'judgeAnswers', 'decideEvaluation']);
        const decided = world.calls.at(-1)!.input as { judged: unknown };
        expect(decided.judged).to.deep.equal({ scores: ref('judged'), judging: ref('judging') });
      },
    }));

  it('asks the probes of each arm beside the golden cases, the champion only after the plan', () =>
    playEvaluation({
      activities: {
        openEvaluation: async () => ({ looks: null, probes: { challenger: ref('all'), champion: ref('compared') } }),
      },
      check: async ({ world, end }) => {
        await end();
        const told = world.calls.map(({ name, input: of }) => {
          const { target, probes } = of as Partial<GenerateAnswersInput>;
          return [name, target?.releaseId, probes?.uri];
        });
        expect(told.filter(([name]) => name === 'generateAnswers' || name === 'planEvaluation')).to.deep.equal([
          ['generateAnswers', 'm-r1', undefined],
          ['planEvaluation', undefined, undefined],
          ['generateAnswers', 'm-r2', undefined],
          ['generateAnswers', 'm-r1', 'store://compared'],
          ['generateAnswers', 'm-r2', 'store://all'],
        ]);
        expect(world.calls.at(-1)!.input).to.deep.include({
          probed: {
            champion: { probes: ref('compared'), answers: ref('answers') },
            challenger: { probes: ref('all'), answers: ref('answers') },
          },
        });
      },
    }));

  describe('in parts', () => {
    const opened: Partial<Activities> = {
      openEvaluation: async () => ({
        looks: { plan: ref('looks'), count: 3 },
        probes: { challenger: null, champion: null },
      }),
      planEvaluation: async () => ({ attempt: 1, refusal: null, warnings: [], judged: true }),
    };
    const played = (world: World) =>
      world.calls.map(({ name, input: of }) => {
        const { part, target } = of as Partial<GenerateAnswersInput>;
        return `${name} ${target?.releaseId ?? ''} ${part?.index ?? ''}`;
      });

    it('asks and judges the next part only while the look says go on, and tells the decision of all looks', () =>
      playEvaluation({
        activities: {
          ...opened,
          takeLook: async ({ part }) => ({
            ...{ index: part!.index, reason: `look ${part!.index + 1}`, verdict: 'inconclusive' },
            stop: part!.index === 1 ? 'futility' : null,
          }),
        },
        check: async ({ world, end }) => {
          await end();
          expect(played(world)).to.deep.equal([
            ...['openEvaluation  ', 'generateAnswers m-r1 0', 'planEvaluation  0', 'generateAnswers m-r2 0'],
            ...['judgeAnswers  0', 'takeLook  0'],
            ...['generateAnswers m-r1 1', 'generateAnswers m-r2 1', 'judgeAnswers  1', 'takeLook  1'],
            'decideEvaluation  1',
          ]);
          expect(world.calls.at(-1)!.input).to.deep.include({
            looked: [{ index: 0, stop: null, reason: 'look 1', verdict: 'inconclusive' }],
            part: { looks: ref('looks'), index: 1 },
          });
        },
      }));

    it('takes no look at the last part: the decision is that look', () =>
      playEvaluation({
        activities: opened,
        check: async ({ world, end }) => {
          await end();
          const names = played(world);
          expect(names.filter((one) => one.startsWith('takeLook'))).to.deep.equal(['takeLook  0', 'takeLook  1']);
          expect(names.at(-1)).to.equal('decideEvaluation  2');
          expect(names.filter((one) => one.startsWith('planEvaluation'))).to.have.length(1);
        },
      }));
  });

  it('tells the decision which attempt on this golden set it is', () =>
    playEvaluation({
      activities: { planEvaluation: async () => ({ attempt: 3, refusal: null, warnings: [] }) },
      check: async ({ world, end }) => {
        await end();
        expect(world.calls.at(-1)!.input).to.include({ attempt: 3, champion: 'm-r1' });
      },
    }));
});
