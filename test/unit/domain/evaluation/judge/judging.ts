import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JudgeCall, JudgedInput, Judging } from '../../../../../src/domain/evaluation/judge/judge-call.js';
import { judgeCase } from '../../../../../src/domain/evaluation/judge/judge-case.js';
import type { RubricMetric } from '../../../../../src/domain/evaluation/judge/judged-metrics.js';
import { readReply } from '../../../../../src/domain/evaluation/judge/read-reply.js';
import { parseRubric, type Rubric } from '../../../../../src/domain/evaluation/judge/rubric.js';
import type { Score } from '../../../../../src/domain/evaluation/scorer.js';

export const rubricsFolder = fileURLToPath(new URL('../../../../../rubrics', import.meta.url));

export const rubricOf = (metric: RubricMetric): Rubric =>
  parseRubric({ name: `${metric}.yaml`, text: readFileSync(`${rubricsFolder}/${metric}.yaml`, 'utf8') });

export const judgedInput = (changes: Partial<JudgedInput> = {}): JudgedInput => ({
  question: 'Where is my parcel?',
  answer: 'It is in Berlin. It arrives on Monday.',
  reference: 'The parcel is in Berlin and arrives on Tuesday.',
  documents: [],
  championAnswer: null,
  ...changes,
});

/** Plays a judgement with a judge that replies these texts in turn. */
export function play({
  metric,
  input = {},
  replies,
}: {
  metric: RubricMetric;
  input?: Partial<JudgedInput>;
  replies: readonly unknown[];
}): { score: Score; calls: JudgeCall[] } {
  const judging: Judging<Score> = judgeCase({ rubric: rubricOf(metric), input: judgedInput(input) });
  const calls: JudgeCall[] = [];
  let step = judging.next();
  while (!step.done) {
    const call = step.value;
    const read = readReply({ call, text: JSON.stringify(replies[calls.length]) });
    if (!read.ok) throw new Error(`${call.step}: ${read.message}`);
    calls.push(call);
    step = judging.next(read.value);
  }
  return { score: step.value, calls };
}

export const verdicts = (...said: ('yes' | 'no')[]) => ({
  verdicts: said.map((verdict, index) => ({ item: index + 1, reason: `because ${index + 1}`, verdict })),
});
