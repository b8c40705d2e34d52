import { formatRules, readMarkdown } from './format-rules.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

/** Share of the case's rules of form that the answer keeps, read as GitHub-flavoured Markdown. */
export const formatAdherence: Scorer = {
  metric: 'formatAdherence',
  better: 'higher',
  range: unitRange,
  needs: ['expected.format'],
  score: ({ case: { expected }, answer }) => {
    if (expected?.format === undefined) return unmeasured('the case expects no format');
    const reading = readMarkdown(answer);
    if (reading === null) return unmeasured('the answer is nested too deeply to be read as Markdown');
    const broken = expected.format.filter((rule) => reading.text === '' || !formatRules[rule](reading));
    return scored(1 - broken.length / expected.format.length, { broken: broken.join(', ') });
  },
};
