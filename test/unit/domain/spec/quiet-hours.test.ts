import { expect } from 'chai';
import { quietHoursSchema, quietUntil } from '../../../../src/domain/spec/quiet-hours.js';

const night = quietHoursSchema.parse({ from: '22:00', to: '06:00', timezone: 'Europe/Berlin' });

describe('quiet hours', () => {
  it('last over midnight, in the time of their zone', () => {
    const ends = [
      '2026-06-01T19:59:59.000Z',
      '2026-06-01T20:00:30.000Z',
      '2026-06-02T03:59:00.000Z',
      '2026-06-02T04:00:00.000Z',
    ];
    expect(ends.map((now) => quietUntil({ quietHours: night, now }))).to.deep.equal([
      null,
      '2026-06-02T04:00:00.000Z',
      '2026-06-02T04:00:00.000Z',
      null,
    ]);
  });

  it('last a part of the day where the end is the later time', () => {
    const lunch = quietHoursSchema.parse({ from: '12:00', to: '13:30' });
    expect(quietUntil({ quietHours: lunch, now: '2026-06-01T12:15:00.000Z' })).to.equal('2026-06-01T13:30:00.000Z');
    expect(quietUntil({ quietHours: lunch, now: '2026-06-01T13:30:00.000Z' })).to.equal(null);
  });

  it('are never cut short when clocks change', () => {
    // Back by an hour on 25 October 2026, forward on 29 March 2026.
    const back = quietUntil({ quietHours: night, now: '2026-10-24T21:00:00.000Z' });
    expect(back).to.equal('2026-10-25T05:00:00.000Z');
    const forward = quietUntil({ quietHours: night, now: '2026-03-28T22:00:00.000Z' });
    expect(Date.parse(forward!)).to.be.within(
      Date.parse('2026-03-29T04:00:00.000Z'),
      Date.parse('2026-03-29T05:00:00.000Z'),
    );
  });

  it('are none where none are set', () => {
    expect(quietUntil({ quietHours: null, now: '2026-06-01T23:00:00.000Z' })).to.equal(null);
  });

  it('are refused with what was expected', () => {
    const problems = (value: unknown) => quietHoursSchema.safeParse(value).error?.issues.map((one) => one.message);
    expect(problems({ from: '25:00', to: '06:00' })).to.deep.equal(['expected a time of day such as 22:00']);
    expect(problems({ from: '06:00', to: '06:00' })).to.deep.equal(['expected another time than from']);
    expect(problems({ from: '22:00', to: '06:00', timezone: 'Europe/Atlantis' })).to.deep.equal([
      'expected a time zone such as Europe/Berlin',
    ]);
  });
});
