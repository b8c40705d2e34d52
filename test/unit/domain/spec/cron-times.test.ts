import { expect } from 'chai';
import { cronOf, cronTimes } from '../../../../src/domain/spec/cron-times.js';

// test/e2e/schedule-changed.test.ts holds that the server reads them alike.
describe('the times of a cron expression', () => {
  const calendars: [expression: string, written: string][] = [
    ['0 3 1 * *', '0 3 1 * *'],
    ['*/15 8-17 * * mon-fri # at work', '0,15,30,45 8-17 * * 1-5'],
    ['40/5 * * * *', '40,45,50,55 * * * *'],
    ['0 2 * jan-mar/2 7', '0 2 * 1,3 0'],
    ['0 2 * * 5-7', '0 2 * * 0,5-6'],
    ['0 2 * * 0-7', '0 2 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['0 2 * * * 2027-2029', '0 2 * * * 2027-2029'],
    ['30 0 2 * * * *', '30 0 2 * * * *'],
    ['CRON_TZ=Europe/Berlin 0 2 * * *', '0 2 * * *'],
  ];
  for (const [expression, written] of calendars)
    it(`of "${expression}" are those of "${written}"`, () => {
      expect(cronOf(cronTimes(expression)!.calendar!)).to.equal(written);
      expect(cronTimes(written)!.calendar).to.deep.equal(cronTimes(expression)!.calendar);
    });

  it('of @every are an interval', () => {
    expect(cronTimes('@every 1h30m # now and then')!.interval).to.deep.equal({
      ...{ everyMilliseconds: 5_400_000, offsetMilliseconds: 0 },
    });
    expect(cronTimes('@every 1h/5m')!.interval).to.deep.equal({
      ...{ everyMilliseconds: 3_600_000, offsetMilliseconds: 300_000 },
    });
  });

  it('are none where it is no cron expression', () => {
    for (const expression of ['', 'by hand', '0 25 * * *', '@every soon']) expect(cronTimes(expression)).to.equal(null);
  });
});
