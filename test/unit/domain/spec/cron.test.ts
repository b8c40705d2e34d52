import { expect } from 'chai';
import { cronProblem } from '../../../../src/domain/spec/cron.js';
import { modelSpecSchema, parseModelSpec } from '../../../../src/domain/spec/model-spec.js';
import { isScheduleTimezone } from '../../../../src/domain/spec/timezone.js';
import { localEnvironment } from '../../../support/temporal.js';

const good = [
  ...['0 2 * * *', '  0   2 * * *  ', '0\t2 * * *', '0 2 * * * # nightly', '0 2 * * mon#2', '0,30 1,2 * * *'],
  ...['*/15 * * * *', '5/15 * * * *', '0 2 1-31/2 * *', '0 2 * * *,1', '0 2 30 2 *', '0 2 * * 7', '0 2 * * 5-7'],
  ...['0 2 * * MON', '0 2 * jan mon-fri', '0 2 * * sunday', '0 2 * january *', '0 2 * * mo', '0 2 * jan-mar *'],
  ...['0 2 * * * 2027', '0 2 * * * 2027-2030', '0 2 * * * */2', '0 0 2 * * * *', '0 0 2 * * * 2027'],
  ...['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'],
  ...['@every 90m', '@every 1h30m', '@every 10s', '@every 1d', '@every 1h/5m', '@every 1s'],
  ...['TZ=UTC 0 2 * * *', 'CRON_TZ=UTC @daily'],
];
const bad = [
  ...['61 * * * *', '0 24 * * *', '0 2 0 * *', '0 2 32 * *', '0 2 * 13 *', '0 2 * 0 *', '0 2 * * 8', '0 2 * * * 1969'],
  ...[
    '*/0 * * * *',
    '1/a * * * *',
    '1/2/3 * * * *',
    '1-70 * * * *',
    '10-5 * * * *',
    '0 2 * * fri-mon',
    '1-2-3 * * * *',
  ],
  ...['', ' ', '# nightly', 'nightly', '* * * *', '* * * * * * * *', 'a b c d e', 'H 2 * * *', '*-5 * * * *'],
  ...['0 2 L * *', '0 2 ? * *', '0 2 W * *', '0 2 15W * *', '0 2 * * 1,', '0 2 * * m', '0 2 * * fryday', '-1 2 * * *'],
  ...['@reboot', '@Hourly', '@every', '@every day', '@every 1x', '@every 10ms', '@every 0s', '@every 5m/1h'],
  ...['CRON_TZ=Nowhere/None 0 2 * * *', 'TZ=Europe/Berlin 0 2 * * *', '0 2 * ja *'],
];

const minimal = {
  ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'base' } },
  data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
  evaluation: { preset: 'support-deterministic', baseline: { kind: 'keyword-category' } },
};

describe('a cron expression', () => {
  it('is what Temporal takes for one', async function () {
    this.timeout(60_000);
    const environment = await localEnvironment();
    const { schedule } = environment.client;
    const takes = async (cron: string, scheduleId: string): Promise<boolean> => {
      try {
        const handle = await schedule.create({
          scheduleId,
          spec: { cronExpressions: [cron], timezone: 'UTC' },
          action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
          state: { paused: true },
        });
        await handle.delete();
        return true;
      } catch {
        return false;
      }
    };
    try {
      for (const [index, cron] of [...good, ...bad].entries())
        expect(await takes(cron, `cron-${index}`), cron).to.equal(good.includes(cron));
    } finally {
      await environment.teardown();
    }
    for (const cron of good) expect(cronProblem({ expression: cron, timezone: 'UTC' }), cron).to.equal(null);
    for (const cron of bad) expect(cronProblem({ expression: cron, timezone: 'UTC' }), cron).to.be.a('string');
  });

  it('is in a timezone that Temporal knows', async function () {
    this.timeout(60_000);
    const environment = await localEnvironment();
    const { schedule } = environment.client;
    const action = { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' } as const;
    const takes = (timezone: string): Promise<boolean> =>
      schedule
        .create({ scheduleId: `zone-${timezone}`, spec: { cronExpressions: ['0 2 * * *'], timezone }, action })
        .then(() => true)
        .catch(() => false);
    try {
      for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+5', 'EST']) {
        expect(await takes(zone), zone).to.equal(true);
        expect(isScheduleTimezone(zone), zone).to.equal(true);
      }
      for (const zone of ['utc', 'europe/berlin', 'us/eastern', '+01:00', 'Europe/Nowhere', 'CEST']) {
        expect(await takes(zone), zone).to.equal(false);
        expect(isScheduleTimezone(zone), zone).to.equal(false);
      }
    } finally {
      await environment.teardown();
    }
  });

  it('that is none does not keep a spec from being read that is in force', () => {
    const triggers = { schedule: { cron: 'nightly', timezone: 'europe/berlin' } };
    expect(modelSpecSchema.parse({ ...minimal, triggers }).triggers.schedule?.cron).to.equal('nightly');
  });

  it('is named with its field where a spec holds one that is none', () => {
    const { problems } = parseModelSpec({
      ...minimal,
      triggers: { schedule: { cron: '0 25 * * *', timezone: 'UTC' } },
      batch: { source: { kind: 'csv', uri: '/none.csv' }, schedule: { cron: '@daily', timezone: 'europe/berlin' } },
      rollout: { lease: 'soon' },
    });
    expect(problems.map(({ path }) => path)).to.include('rollout.lease');
    expect(problems).to.deep.include.members([
      {
        path: 'triggers.schedule.cron',
        value: '0 25 * * *',
        expected:
          'expected minute hour day-of-month month day-of-week, such as 0 2 * * 1-5 (hour: "25" is not in 0 to 23)',
      },
      {
        path: 'batch.schedule.timezone',
        value: 'europe/berlin',
        expected: 'expected a time zone such as Europe/Berlin',
      },
    ]);
  });
});
