import type { Outcome, Stage } from '../release/kinds.js';
import { isOfLostRelease, type ReleaseRecord } from '../release/release-record.js';
import { formatTime } from './format.js';

export type Tone = 'good' | 'bad' | 'warning' | 'neutral';

export interface OutcomeView {
  word: string;
  tone: Tone;
  /** One sentence: how it ended, for whom, and why. */
  sentence: string;
}

const words: Record<Outcome, { word: string; tone: Tone }> = {
  promoted: { word: 'Promoted', tone: 'good' },
  rejected: { word: 'Rejected', tone: 'bad' },
  rolledBack: { word: 'Rolled back', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'neutral' },
  failed: { word: 'Failed', tone: 'bad' },
};

/** Outcome in one word. */
export const outcomeWord = (record: Pick<ReleaseRecord, 'outcome' | 'withdrawnAt'>): Omit<OutcomeView, 'sentence'> =>
  record.withdrawnAt === null ? words[record.outcome] : { word: 'Promoted, then withdrawn', tone: 'warning' };

const stageWords: Partial<Record<Stage, string>> = {
  data: 'while the data was prepared',
  opening: 'before it began',
  ended: 'at its end',
};
const whileIn = (record: ReleaseRecord): string =>
  isOfLostRelease(record)
    ? 'in a stage that nobody knows, as its workflow was lost'
    : (stageWords[record.stage] ?? `in the stage ${record.stage}`);

const because = (reasons: readonly string[]): string => (reasons.length === 0 ? '.' : `: ${reasons.join('; ')}.`);

/** How a release ended, in one sentence made of the record's own reasons. */
export function outcomeView(record: ReleaseRecord): OutcomeView {
  const { releaseId, reasons } = record;
  const why = because(reasons).replace(/\.\.$/, '.');
  const back = record.champion === null ? 'users were taken off it' : `all users are back on ${record.champion}`;
  const sentences: Record<Outcome, string> = {
    promoted:
      record.withdrawnAt === null
        ? `${releaseId} became the champion${why}`
        : `${releaseId} was the champion until ${formatTime(record.withdrawnAt)}, when it was taken back${why}`,
    rejected: `${releaseId} was turned down ${whileIn(record)}${why}`,
    rolledBack: `${releaseId} was rolled back ${whileIn(record)}; ${back}${why}`,
    cancelled: `${releaseId} was cancelled ${whileIn(record)}${why}`,
    failed: `${releaseId} could not be finished ${whileIn(record)}${why}`,
  };
  return { ...outcomeWord(record), sentence: sentences[record.outcome] };
}
