import { formatCount, formatNumber, formatShare, formatTime } from '../report/format.js';
import type { JudgedLook } from '../rollout/looks.js';
import type { StorySection } from './release-story.js';

const shownLooks = 8;
const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** So many of a list, evenly over it, its first and last among them. */
const spread = <T>(all: readonly T[], most: number): T[] =>
  all.length <= most
    ? [...all]
    : Array.from({ length: most }, (_, index) => all[Math.round((index * (all.length - 1)) / (most - 1))]!);

/** How near evidence came to its limit over time, on the scale of its logarithm: a full bar is the limit. */
const drawn = (values: readonly number[], limit: number): string =>
  spread(values, 24)
    .map((value) => {
      const height = Math.log(Math.max(1, value)) / Math.log(Math.max(2, limit));
      return bars[Math.min(bars.length - 1, Math.floor(height * (bars.length - 1)))];
    })
    .join('');

const keysOf = ({ revisions }: JudgedLook['look'], arm: 'champion' | 'challenger'): number =>
  revisions.reduce((sum, one) => sum + one.arms[arm].keys, 0);

function guardLines(looks: readonly JudgedLook[]): string[] {
  const events = [...new Set(looks.flatMap(({ guards }) => guards.map(({ event }) => event)))];
  return events.map((event) => {
    const marks = looks.flatMap(({ look, guards }) =>
      guards.filter((one) => one.event === event).map((one) => ({ at: look.at, ...one })),
    );
    const last = marks.at(-1)!;
    const most = Math.max(...marks.map(({ eValue }) => eValue));
    const crossed = marks.find(({ verdict }) => verdict === 'fail');
    const end = crossed ? `crossed its limit on ${formatTime(crossed.at)}` : `at most ${formatNumber(most)}`;
    const line = drawn(
      marks.map(({ eValue }) => eValue),
      last.threshold,
    );
    return `${event}: evidence ${formatNumber(last.eValue)} against a limit of ${formatNumber(last.threshold)}, ${end}  ${line}`;
  });
}

/** What the guards saw while users were on the challenger, from the first look to the last. */
export function evidenceSection(looks: readonly JudgedLook[]): StorySection[] {
  if (looks.length === 0) return [];
  const rows = spread(looks, shownLooks).map(({ look, guards }) => [
    formatTime(look.at),
    formatShare(look.revisions.at(-1)?.share ?? 0),
    formatCount(keysOf(look, 'challenger')),
    formatCount(keysOf(look, 'champion')),
    guards.map(({ event, eValue }) => `${event} ${formatNumber(eValue)}`).join(', '),
  ]);
  return [
    {
      title: 'What users’ events said',
      lines: [`The guards looked ${formatCount(looks.length)} times.`, ...guardLines(looks)],
      table: { head: ['when', 'share', 'keys on it', 'keys on the champion', 'evidence by guard'], rows },
    },
  ];
}
