import type { Stage } from '../release/kinds.js';
import type { ReleaseRecord } from '../release/release-record.js';

/** What a stage means for people: work nobody sees, waiting for somebody, users on the challenger, closing. */
export type StageGroup = 'offline' | 'waiting' | 'users' | 'closing';

export interface StageSpan {
  stage: Stage;
  group: StageGroup;
  from: string;
  to: string;
  seconds: number;
  /** Where the span begins and how long it is, as shares of the release's whole time. */
  start: number;
  width: number;
}

const groups: Partial<Record<Stage, StageGroup>> = {
  approval: 'waiting',
  canary: 'users',
  promote: 'users',
  bake: 'users',
  retire: 'closing',
  recording: 'closing',
  ended: 'closing',
};

/** The stages a release went through, in order, each from its entry to the next one's. */
export function stageSpans(record: Pick<ReleaseRecord, 'timeline' | 'startedAt' | 'endedAt'>): StageSpan[] {
  const entered = record.timeline
    .flatMap(({ at, stage }) => (stage === null ? [] : [{ at, stage }]))
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .filter(({ stage }, index, all) => stage !== all[index - 1]?.stage);
  const began = Date.parse(record.startedAt);
  const whole = Math.max(1, Date.parse(record.endedAt) - began);
  const spans = entered.map(({ at, stage }, index): StageSpan => {
    const to = entered[index + 1]?.at ?? record.endedAt;
    const length = Math.max(0, Date.parse(to) - Date.parse(at));
    return {
      stage,
      group: groups[stage] ?? 'offline',
      from: at,
      to,
      seconds: length / 1000,
      start: Math.max(0, Date.parse(at) - began) / whole,
      width: length / whole,
    };
  });
  return spans.filter(({ stage }) => stage !== 'ended');
}
