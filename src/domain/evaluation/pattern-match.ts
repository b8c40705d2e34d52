import { RE2JS } from 're2js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

/** Whether the case's pattern is found in the answer (RE2 syntax, so that no pattern takes more than linear time). */
export const patternMatch: Scorer = {
  metric: 'patternMatch',
  better: 'higher',
  range: unitRange,
  needs: ['expected.pattern'],
  score: ({ case: { expected }, answer }) => {
    if (expected?.pattern === undefined) return unmeasured('the case expects no pattern');
    const matcher = RE2JS.compile(expected.pattern).matcher(answer);
    return matcher.find() ? scored(1, { found: matcher.group() ?? '' }) : scored(0);
  },
};
