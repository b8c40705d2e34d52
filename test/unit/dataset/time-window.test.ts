import { expect } from 'chai';
import { datesBetween, dayWindow, placeInWindow } from '../../../src/domain/dataset/time-window.js';

describe('windows of time', () => {
  const window = dayWindow('2026-03-31');

  it('are a day in UTC, from inclusive to exclusive', () => {
    expect(window).to.deep.equal({ from: '2026-03-31T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' });
    const places = [
      '2026-03-31',
      '2026-03-31T23:59:59Z',
      '2026-04-01',
      '2026-04-01T01:30:00+02:00',
      '2026-03-30 23:59',
    ];
    expect(places.map((value) => placeInWindow({ value, window }))).to.deep.equal([
      ...['inside', 'inside', 'outside', 'inside', 'outside'],
    ]);
    expect(placeInWindow({ value: '31/03/2026', window })).to.equal(null);
    expect(placeInWindow({ value: 17, window })).to.equal(null);
  });

  it('follow each other over months and leap days', () => {
    expect(datesBetween({ from: '2028-02-28', to: '2028-03-01' })).to.deep.equal([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    expect(datesBetween({ from: '2026-03-02', to: '2026-03-01' })).to.deep.equal([]);
    expect(() => dayWindow('2026-02-30')).to.throw(RangeError, '"2026-02-30" is no date');
  });
});
