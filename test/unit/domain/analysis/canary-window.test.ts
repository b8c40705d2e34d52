import { expect } from 'chai';
import fc from 'fast-check';
import { breakerWindow, windowSeconds } from '../../../../src/domain/analysis/canary-window.js';
import { judgeWindow } from '../../../../src/domain/rollout/breaker.js';
import type { Arm } from '../../../../src/domain/rollout/traffic-plan.js';

describe('breaker window', () => {
  it("counts each key's first request of the last ten minutes, as counting anew at each row does", () => {
    const request = fc.record({
      gap: fc.nat(60),
      key: fc.nat(120).map(String),
      happened: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 400 }), (requests) => {
        const window = breakerWindow({ event: 'error', limit: 0.3 });
        const all: { at: number; key: string; arm: Arm; happened: boolean }[] = [];
        let at = 0;
        for (const { gap, key, happened } of requests) {
          at += gap;
          const row = {
            at,
            key,
            happened,
            arm: Number(key) % 3 === 0 ? ('challenger' as const) : ('champion' as const),
          };
          all.push(row);
          window.add(row);
        }
        const firsts = new Map<string, (typeof all)[number]>();
        for (const row of all) if (row.at > at - windowSeconds && !firsts.has(row.key)) firsts.set(row.key, row);
        const count = (arm: Arm) => {
          const rows = [...firsts.values()].filter((row) => row.arm === arm);
          return { keys: rows.length, events: rows.filter((row) => row.happened).length };
        };
        expect(window.judge()).to.deep.equal(
          judgeWindow({ event: 'error', limit: 0.3, champion: count('champion'), challenger: count('challenger') }),
        );
      }),
      { seed: 8, numRuns: 100 },
    );
  });
});
