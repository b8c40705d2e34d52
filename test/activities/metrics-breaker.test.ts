import { setTimeout as wait } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createStepActivities } from '../../src/activities/canary-assessment.js';
import { judgeMetricsBreaker, metricsWatch } from '../../src/activities/metrics-breaker.js';
import type { MetricsReading, MetricsSource } from '../../src/activities/metrics-source-port.js';
import { PortError } from '../../src/activities/ports.js';
import { createWatchActivities } from '../../src/activities/watch.js';
import { rolloutSpecSchema } from '../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, releaseId, watchInput, type CanaryWorld } from './support/canary-world.js';

const now = '2026-01-05T12:00:00.000Z';
const asked = { model: 'm', fromRevision: 1, limit: 0.02, windowMilliseconds: 600_000 };
const reading = (challenger: [errors: number, requests: number], measuredAt: string | null = now): MetricsReading => ({
  arms: {
    challenger: { requests: challenger[1], events: { error: challenger[0] } },
    champion: { requests: 2000, events: { error: 3.2 } },
  },
  measuredAt,
});
const source = (read: MetricsSource['read']): MetricsSource => ({ read });

describe('the absolute limit, from a monitoring system', () => {
  const judge = (read: MetricsSource['read']) => judgeMetricsBreaker({ ...asked, metrics: source(read), now });

  it('trips, passes and is unmeasured by what was read', async () => {
    expect(await judge(async () => reading([20.4, 199.7]))).to.deep.include({ verdict: 'fail', n: 200, value: 0.1 });
    expect((await judge(async () => reading([1, 200]))).verdict).to.equal('pass');
    expect((await judge(async () => reading([0, 0]))).verdict).to.equal('unmeasured');
    expect((await judge(async () => reading([20, 200], null))).verdict).to.equal('unmeasured');
  });

  it('takes data for measured until it is five minutes old', async () => {
    const aged = (seconds: number) =>
      judge(async () => reading([20, 200], new Date(Date.parse(now) - seconds * 1000).toISOString()));
    expect((await aged(300)).verdict).to.equal('fail');
    expect(await aged(301)).to.deep.include({ verdict: 'unmeasured', value: null });
  });

  it('is unmeasured where the monitoring is away', async () => {
    const away = await judge(async () => {
      throw new PortError('Unavailable', 'connection refused');
    });
    expect(away).to.deep.include({
      verdict: 'unmeasured',
      reason: "the monitoring can't be asked: connection refused",
    });
  });

  it('never keeps a watch waiting, asks once in five seconds, and shows the latest verdict', async () => {
    const answers: ((value: MetricsReading) => void)[] = [];
    const watch = metricsWatch({ ...asked, metrics: source(() => new Promise((resolve) => answers.push(resolve))) });
    const at = (seconds: number): string => new Date(Date.parse(now) + seconds * 1000).toISOString();
    expect(watch.look({ now: at(0) })).to.deep.equal([]);
    expect(watch.look({ now: at(9) })).to.deep.equal([]);
    expect(answers).to.have.length(1);
    answers[0]!(reading([20, 200]));
    await wait(0);
    expect(watch.look({ now: at(10) }).map((one) => one.verdict)).to.deep.equal(['fail']);
    expect(answers).to.have.length(2);
    expect(watch.look({ now: at(11) })).to.have.length(1);
    expect(answers).to.have.length(2);
  });

  it('shows what broke instead of ending the watch', async () => {
    const watch = metricsWatch({
      ...asked,
      metrics: source(async () => {
        throw new TypeError('odd');
      }),
    });
    watch.look({ now });
    await wait(0);
    const [verdict] = watch.look({ now });
    expect(verdict).to.deep.include({ verdict: 'unmeasured' });
    expect(verdict!.reason).to.contain('TypeError: odd');
  });
});

describe('a canary that a monitoring system watches too', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
    await world.writeTelemetry({ users: 4000, failed: 0 });
  });
  afterEach(() => world.dispose());

  it('is taken back when the monitoring shows the limit broken', async () => {
    const metrics = source(async () => reading([40, 200], world.clock.now()));
    const ports = { ...world.ports(), metrics, judge: null, pacer: null };
    const watch = createWatchActivities(ports).watchGuards;
    const result = await new MockActivityEnvironment().run(watch, watchInput({ sliceMilliseconds: 60_000 }));
    expect(result).to.deep.include({ kind: 'tripped' });
    expect((await world.router().read({ model }))!.challengerShare).to.equal(0);
  });

  it('passes no step on a monitoring that has gone silent', async () => {
    const rollout = rolloutSpecSchema.parse({});
    const assess = async (read: MetricsSource['read']) => {
      const ports = { ...world.ports(), metrics: source(read) };
      const step = { ...rollout.canary.steps[0]!, minimumKeys: 300 };
      return createStepActivities(ports).assessStep({ releaseId, model, revision: 2, fromRevision: 2, step, rollout });
    };
    const monitored = async (measuredAt: string | null) => {
      const { verdict, verdicts } = await assess(async () => reading([1, 200], measuredAt));
      return [verdict, verdicts.find(({ gate }) => gate === 'error limit (monitoring)')!.verdict];
    };
    // The gateways' own window is empty here, so that nothing passes; what matters is the monitoring's word.
    expect(await monitored(world.clock.now())).to.deep.equal(['unmeasured', 'pass']);
    expect(await monitored(null)).to.deep.equal(['unmeasured', 'unmeasured']);
  });
});
